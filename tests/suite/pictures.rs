use candle_core::Device;
use diffusion_lab::pictures::{
    Carried, decode, encode_png, fit_square, pictures_from_tensor, read_carried, resize_bilinear, tensor_from_picture,
};
use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::reference::{Reference, difference};

fn picture(reference: &Reference, name: &str) -> RgbImage {
    let tensor = reference.get(name);
    let (h, w, _) = tensor.dims3().unwrap();
    let bytes: Vec<u8> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    RgbImage::from_raw(w as u32, h as u32, bytes).unwrap()
}

/// Down and up, odd sizes, one so tall that the vertical pass comes first: Pillow's bytes, and torchvision's crop of them.
#[test]
fn resizing_is_pillows_to_the_bit() {
    let reference = Reference::open("tensors.safetensors");
    for case in ["down", "up", "tall", "odd"] {
        let get = |part: &str| picture(&reference, &format!("resize.{case}.{part}"));
        let (input, resized, cropped) = (get("input"), get("resized"), get("cropped"));
        let ours = resize_bilinear(&input, resized.width(), resized.height());
        let fitted = fit_square(&input, cropped.width());
        for (ours, theirs) in [(&ours, &resized), (&fitted, &cropped)] {
            assert_eq!(ours.dimensions(), theirs.dimensions(), "{case}");
            assert!(ours.as_raw() == theirs.as_raw(), "{case}");
        }
        let ours = tensor_from_picture(&cropped, &Device::Cpu).unwrap().squeeze(0).unwrap();
        assert!(difference(&ours, reference.get(&format!("resize.{case}.tensor"))) <= 1e-7, "{case}");
    }
}

#[test]
fn a_picture_of_the_right_size_is_left_alone() {
    let square = RgbImage::from_fn(32, 32, |x, y| Rgb([x as u8 * 8, y as u8 * 8, 7]));
    assert!(fit_square(&square, 32) == square);
}

#[test]
fn pixels_survive_the_tensor_and_back() {
    let all = RgbImage::from_fn(16, 16, |x, y| Rgb([(y * 16 + x) as u8, x as u8, y as u8]));
    let back = pictures_from_tensor(&tensor_from_picture(&all, &Device::Cpu).unwrap()).unwrap();
    assert!(back[0] == all);
}

#[test]
fn a_picture_of_nan_is_an_error() {
    let x = (tensor_from_picture(&RgbImage::new(4, 4), &Device::Cpu).unwrap() * f64::NAN).unwrap();
    assert!(pictures_from_tensor(&x).unwrap_err().to_string().contains("NaN"));
}

#[test]
fn alpha_goes_over_white() {
    let mut bytes = Vec::new();
    let half = RgbaImage::from_pixel(2, 2, Rgba([255, 0, 0, 128]));
    half.write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    assert_eq!(decode(&bytes).unwrap().get_pixel(0, 0), &Rgb([255, 127, 127]));
}

#[test]
fn a_png_carries_its_recipe_and_its_source() {
    let (pixels, source) = (RgbImage::from_pixel(9, 5, Rgb([1, 2, 3])), RgbImage::from_pixel(3, 3, Rgb([9, 8, 7])));
    let recipe = r#"{"prompt":"ein Schlösschen, 火箭 🚀"}"#.to_owned();
    let carried = Carried { recipe: recipe.clone(), pictures: vec![("image".to_owned(), source.clone())] };
    let bytes = encode_png(&pixels, Some(&carried)).unwrap();
    let back = read_carried(&bytes).unwrap().unwrap();
    assert_eq!(back.recipe, recipe);
    assert!(back.pictures[0].1 == source && decode(&bytes).unwrap() == pixels);
    assert!(read_carried(&encode_png(&pixels, None).unwrap()).unwrap().is_none());
    assert!(read_carried(&bytes[..bytes.len() / 2]).is_err());
}
