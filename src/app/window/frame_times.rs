//! How long frames take: `ui()` with tessellation, as eframe measures it. `DIFFUSION_LAB_FRAMES=1` prints median and
//! 99th percentile on exit, of all frames and of those in which something was painted; the palette's "Frame times"
//! shows them in a toast.

use std::collections::VecDeque;

const KEPT: usize = 4096;

/// The last frames, in seconds.
#[derive(Default)]
pub struct FrameTimes {
    recent: VecDeque<f32>,
}

impl FrameTimes {
    /// Takes in one frame.
    pub fn push(&mut self, seconds: f32) {
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(seconds);
    }

    /// Median and 99th percentile in milliseconds, and how many frames they are of.
    pub fn summary(&self) -> Option<(f32, f32, usize)> {
        let mut sorted: Vec<f32> = self.recent.iter().copied().collect();
        sorted.sort_by(f32::total_cmp);
        let at = |part: f32| sorted.get(((sorted.len() as f32 - 1.0) * part).round() as usize).map(|s| s * 1e3);
        Some((at(0.5)?, at(0.99)?, sorted.len()))
    }

    /// The same, for a person.
    pub fn describe(&self) -> String {
        match self.summary() {
            Some((median, p99, count)) => {
                format!("median {median:.2} ms, 99th percentile {p99:.2} ms over {count} frames")
            }
            None => "no frames yet".to_owned(),
        }
    }
}
