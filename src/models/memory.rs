//! How much memory networks take, on the processor and on a GPU, and whether this machine has it: told before anything is
//! loaded.

use candle_core::{DType, Device};

use super::cost::Costed;
use crate::error::{Error, Result};
use crate::files::size;
use crate::tensors::MapLayout;

/// What the program takes beside networks, in bytes.
const BESIDE: u64 = 150_000_000;

/// What a text encoder takes whose weights are streamed, in bytes: the largest that was measured.
pub const TEXT_ENCODER: u64 = 500_000_000;

/// A guided picture, with its prompt and without.
const GUIDED: usize = 2;

/// How many pictures of `pixels` a network is shown in one forward, so that a large batch does not exhaust the memory.
/// What it says of each does not depend on that.
pub fn at_once(pixels: usize, low_memory: bool) -> usize {
    let most: usize = if low_memory { 1 << 16 } else { 1 << 18 };
    (most / pixels).max(1)
}

/// What to do where a device has no memory for the least that is asked of it.
const NO_ROOM: &str =
    "take --dtype f16, --low-memory, a smaller model or --device cpu, or close what else uses the device";

/// What `load` gives. Where the device has no memory for that, `make_room` lets go of what else is there, and it is tried
/// once more; then it is said.
pub(super) fn with_room<T>(load: impl Fn() -> Result<T>, make_room: impl FnOnce()) -> Result<T> {
    match load() {
        Err(error) if error.is_out_of_memory() => {
            make_room();
            load().map_err(|error| if error.is_out_of_memory() { error.hint(NO_ROOM) } else { error })
        }
        ended => ended,
    }
}

/// What `each` makes of `n` pictures, so many at once as it is given: (first, how many). Where the device has no memory for
/// that, half as many are tried, and again, down to one; then it is said.
pub fn in_chunks<T>(n: usize, at_once: usize, mut each: impl FnMut(usize, usize) -> Result<T>) -> Result<Vec<T>> {
    let (mut made, mut start, mut at_once) = (Vec::new(), 0, at_once.clamp(1, n.max(1)));
    while start < n {
        let rows = at_once.min(n - start);
        match each(start, rows) {
            Ok(part) => made.push(part),
            Err(error) if error.is_out_of_memory() && rows > 1 => {
                at_once = rows / 2;
                continue;
            }
            Err(error) if error.is_out_of_memory() => {
                return Err(error.hint(NO_ROOM));
            }
            Err(error) => return Err(error),
        }
        start += rows;
    }
    Ok(made)
}

/// Whether a model can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As it is.
    Fits,
    /// With one network at a time in memory.
    FitsInTurn,
    /// So, and with small weights.
    FitsLow,
    /// Not at all.
    TooLarge,
    /// The system does not tell.
    Unknown,
}

impl Fit {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::FitsInTurn => "fits, one stage at a time",
            Self::FitsLow => "fits in low memory",
            Self::TooLarge => "does not fit",
            Self::Unknown => "",
        }
    }
}

/// How the networks of a cascade are held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// All at once, from run to run.
    Together,
    /// One at a time.
    InTurn,
    /// One at a time, with small weights.
    Low,
}

/// Bytes that one or several networks take while they make a guided picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// All of them in memory.
    pub together: u64,
    /// One at a time.
    pub in_turn: u64,
    /// One at a time, with weights no larger than they are and, at 256 px, the two pictures of a guided one in turn.
    pub low: u64,
}

impl Need {
    /// What one network takes where `device` computes.
    pub(super) fn at(device: &Device, network: &dyn Costed, dtype: DType) -> Self {
        match MapLayout::of(device) {
            MapLayout::Pixels => Self::of(network, dtype),
            MapLayout::Planes => Self::of_planes(network, dtype),
        }
    }

    /// What one network takes on a GPU in `dtype`: weights as they are, maps in the same type, and beside them what the
    /// largest convolution gathers, its nine taps side by side, with what it makes of them.
    pub fn of_planes(network: &dyn Costed, dtype: DType) -> Self {
        let cost = network.cost();
        let pixels = network.places();
        let bytes = |of_floats: u64| of_floats / size_of::<f32>() as u64 * dtype.size_in_bytes() as u64;
        let maps = |low_memory| {
            let shown = at_once(pixels, low_memory).min(GUIDED);
            (bytes(cost.maps) + bytes(cost.gathered)) * shown as u64
        };
        let weights = BESIDE + cost.parameters * dtype.size_in_bytes() as u64;
        Self { together: weights + maps(false), in_turn: weights + maps(false), low: weights + maps(true) }
    }

    /// What one network takes on the processor whose weights are kept in `dtype`.
    pub fn of(network: &dyn Costed, dtype: DType) -> Self {
        let mut cost = network.cost();
        let pixels = network.places();
        // Weights in 16 bits are never transformed into larger ones.
        if matches!(dtype, DType::F16 | DType::BF16) {
            cost.weights_low /= 2;
            cost.weights = cost.weights_low;
        }
        let maps = |low_memory| {
            let shown = at_once(pixels, low_memory).min(GUIDED);
            cost.maps * shown as u64
        };
        let whole = BESIDE + cost.weights + maps(false);
        Self { together: whole, in_turn: whole, low: BESIDE + cost.weights_low + maps(true) }
    }

    /// What several take; of none, what the program itself takes.
    pub fn sum(needs: &[Self]) -> Self {
        let most = |of: fn(&Self) -> u64| needs.iter().map(of).max().unwrap_or(BESIDE);
        let together = BESIDE + needs.iter().map(|need| need.together - BESIDE).sum::<u64>();
        Self { together, in_turn: most(|need| need.in_turn), low: most(|need| need.low) }
    }

    /// How it is held in `free` bytes, or that it does not fit. Where low memory is asked for, it is tried whatever the
    /// system tells: there may be more than it knows of.
    pub fn holding(&self, free: Option<u64>, low_memory: bool) -> Result<Holding> {
        match self.within(free) {
            _ if low_memory => Ok(Holding::Low),
            Fit::Fits | Fit::Unknown => Ok(Holding::Together),
            Fit::FitsInTurn => Ok(Holding::InTurn),
            Fit::FitsLow => Ok(Holding::Low),
            Fit::TooLarge => Err(Error::new(format!(
                "the model needs {} of memory, {} are free",
                size(self.low),
                size(free.unwrap_or(0))
            ))
            .hint(
                "close other programs, take --dtype f16 or a smaller model, or try it all the same with --low-memory",
            )),
        }
    }

    /// What it takes and how that fits into `free` bytes, in words.
    pub fn words(&self, free: Option<u64>) -> String {
        let told = [size(self.bytes(free)), self.within(free).words().to_owned()];
        told.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }

    /// What it takes in bytes, held as it fits into `free` bytes.
    pub fn bytes(&self, free: Option<u64>) -> u64 {
        match self.within(free) {
            Fit::FitsInTurn => self.in_turn,
            Fit::FitsLow | Fit::TooLarge => self.low,
            Fit::Fits | Fit::Unknown => self.together,
        }
    }

    /// How it fits into `free` bytes.
    pub fn within(&self, free: Option<u64>) -> Fit {
        match free {
            None => Fit::Unknown,
            Some(free) if self.together <= free => Fit::Fits,
            Some(free) if self.in_turn <= free => Fit::FitsInTurn,
            Some(free) if self.low <= free => Fit::FitsLow,
            Some(_) => Fit::TooLarge,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::with_room;
    use crate::error::Error;

    /// A device that has room for what is asked once the other is gone; one that has not even then; one that is broken.
    #[test]
    fn what_does_not_fit_beside_others_is_loaded_in_their_place() {
        for (said, room_helps, expected) in [
            ("out of memory", true, None),
            ("out of memory", false, Some("--device cpu")),
            ("a broken file", true, Some("a broken file")),
        ] {
            let others = Cell::new(true);
            let load = || if others.get() || !room_helps { Err(Error::new(said)) } else { Ok(7) };
            let ended = with_room(load, || others.set(false));
            assert_eq!(others.get(), said != "out of memory");
            match expected {
                None => assert_eq!(ended.unwrap(), 7),
                Some(expected) => assert!(ended.unwrap_err().to_string().contains(expected)),
            }
        }
    }
}
