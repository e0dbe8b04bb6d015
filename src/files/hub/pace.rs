//! How fast bytes come, over the last seconds.

use std::time::{Duration, Instant};

/// Older speeds weigh half as much after so long.
const HALF_LIFE_SECS: f64 = 3.0;
/// The speed is taken anew at most this often.
const BETWEEN: Duration = Duration::from_millis(250);

/// Bytes a second of something that goes on.
#[derive(Clone, Debug)]
pub struct Pace {
    at: Instant,
    bytes: u64,
    bytes_per_sec: f64,
}

impl Pace {
    /// From here, with so many bytes done before.
    pub fn from(bytes: u64) -> Self {
        Self { at: Instant::now(), bytes, bytes_per_sec: 0.0 }
    }

    /// Hears that so many bytes are done; gives the speed, 0 at first.
    pub fn bytes_per_sec(&mut self, bytes: u64) -> f64 {
        let passed = self.at.elapsed();
        if passed >= BETWEEN {
            let now = bytes.saturating_sub(self.bytes) as f64 / passed.as_secs_f64();
            let keep = if self.bytes_per_sec == 0.0 { 0.0 } else { 0.5f64.powf(passed.as_secs_f64() / HALF_LIFE_SECS) };
            self.bytes_per_sec = keep * self.bytes_per_sec + (1.0 - keep) * now;
            (self.at, self.bytes) = (Instant::now(), bytes);
        }
        self.bytes_per_sec
    }
}
