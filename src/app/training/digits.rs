//! The set of digits that is looked at, read once in the background: the browser shows all of it, a canvas one of its
//! digits.

use std::sync::Arc;

use image::RgbImage;

use crate::app::background::{Background, Latest};
use crate::datasets::{Dataset, SIDE, Split};
use crate::error::{Error, Result};
use crate::experiments::is_place;

/// One set, by its name, and the digit of it that was made a picture last.
#[derive(Default)]
pub struct Digits {
    set: Latest<String, Arc<Dataset>>,
    made: Option<(usize, Arc<RgbImage>)>,
}

impl Digits {
    /// The set of that name, once it is read; asked for where it is another than the last.
    pub fn set(&mut self, name: &str, background: &Background) -> Option<Result<Arc<Dataset>>> {
        let made = &mut self.made;
        self.set.follow(name.to_owned(), |name| {
            *made = None;
            let (opens, text, name) = (is_place(name), format!("reading the digits {name}"), name.clone());
            background.run_opening(opens, text, move || Dataset::open(&name).map(Arc::new))
        });
        self.set.answer().cloned()
    }

    /// Takes in a set that was read; what is wrong with it is said where it would be shown.
    pub fn poll(&mut self) {
        self.set.poll();
    }

    /// Test digit `index` of the set of that name, 28×28, once it is read.
    pub fn test_digit(&mut self, name: &str, index: usize, background: &Background) -> Option<Result<Arc<RgbImage>>> {
        let set = match self.set(name, background)? {
            Ok(set) => set,
            Err(error) => return Some(Err(error)),
        };
        if self.made.as_ref().is_none_or(|(known, _)| *known != index) {
            if index >= set.test.count() {
                return Some(Err(Error::new(format!("there is no test digit {index}"))));
            }
            self.made = Some((index, Arc::new(picture(&set.test, index))));
        }
        self.made.as_ref().map(|(_, picture)| Ok(Arc::clone(picture)))
    }
}

/// One digit, white on black.
pub fn picture(split: &Split, index: usize) -> RgbImage {
    let bytes = split.picture(index);
    RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| image::Rgb([bytes[y as usize * SIDE + x as usize]; 3]))
}
