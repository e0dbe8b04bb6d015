//! In which layout feature maps are computed: pixels [n, h, w, c] for the processor's own kernels, planes [n, c, h, w] for
//! the operations that a GPU has.
//!
//! The device decides, unless a scope asks for planes: then everything that the scope's thread makes and runs goes exactly
//! the way that it goes on a GPU, on the processor. That way is otherwise out of reach of tests on machines without one.

use std::cell::Cell;

use candle_core::Device;

thread_local!(static ASKED: Cell<MapLayout> = const { Cell::new(MapLayout::Pixels) });

/// The layout of feature maps, and with it whose operations they meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapLayout {
    /// [n, h, w, c] in f32, own kernels: the processor alone.
    #[default]
    Pixels,
    /// [n, c, h, w], candle's operations: any device.
    Planes,
}

impl MapLayout {
    /// Every layout, by its name on the command line.
    pub const ALL: [(&'static str, Self); 2] = [("pixels", Self::Pixels), ("planes", Self::Planes)];

    /// The layout of maps on `device`, for whoever asks from this thread.
    pub fn of(device: &Device) -> Self {
        if device.is_cpu() { ASKED.get() } else { Self::Planes }
    }

    /// Runs `work` with maps of the processor in this layout, on this thread.
    pub fn scope<R>(self, work: impl FnOnce() -> R) -> R {
        struct Back(MapLayout);
        impl Drop for Back {
            fn drop(&mut self) {
                ASKED.set(self.0);
            }
        }
        let _back = Back(ASKED.replace(self));
        work()
    }
}

#[cfg(test)]
mod tests {
    use super::MapLayout;

    #[test]
    fn a_scope_ends_with_its_work_even_in_a_panic() {
        let of = || MapLayout::of(&candle_core::Device::Cpu);
        assert_eq!(of(), MapLayout::Pixels);
        MapLayout::Planes.scope(|| {
            assert_eq!(of(), MapLayout::Planes);
            MapLayout::Pixels.scope(|| assert_eq!(of(), MapLayout::Pixels));
            assert_eq!(of(), MapLayout::Planes);
        });
        let broken = std::panic::catch_unwind(|| MapLayout::Planes.scope(|| panic!("as meant")));
        assert!(broken.is_err());
        assert_eq!(of(), MapLayout::Pixels);
    }
}
