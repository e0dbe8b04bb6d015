//! The set of digits that is looked at, read once by the helper: the browser shows all of it, a canvas one of its
//! digits.

use std::sync::Arc;

use image::RgbImage;

use super::helper::{Helper, Request};
use crate::datasets::{Dataset, SIDE, Split};
use crate::error::{Error, Result};

/// One set, by its name, and the digit of it that was made a picture last.
#[derive(Default)]
pub struct Digits {
    of: String,
    set: Option<Result<Arc<Dataset>>>,
    made: Option<(usize, Arc<RgbImage>)>,
}

impl Digits {
    /// The set of that name, once it is read; asked for where it is another than the last.
    pub fn set(&mut self, name: &str, helper: &Helper) -> Option<Result<Arc<Dataset>>> {
        if self.of != name {
            *self = Self { of: name.to_owned(), ..Self::default() };
            helper.ask(Request::Digits(name.to_owned()));
        }
        self.set.clone()
    }

    /// Takes in a set that was read.
    pub fn take(&mut self, name: &str, set: Result<Arc<Dataset>>) {
        if self.of == name {
            self.set = Some(set);
        }
    }

    /// Test digit `index` of the set of that name, 28×28, once it is read.
    pub fn test_digit(&mut self, name: &str, index: usize, helper: &Helper) -> Option<Result<Arc<RgbImage>>> {
        let set = match self.set(name, helper)? {
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
