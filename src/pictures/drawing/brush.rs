//! A round brush: how much of a pixel it covers, by the pixel's distance from the stroke's line.

use super::{Area, Coverage};

/// A round brush.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    /// Its diameter in pixels.
    pub size: f32,
    /// The part of its radius that fades out: 0 hard, 1 soft from the middle.
    pub softness: f32,
}

impl Brush {
    /// Coverage at `distance` pixels from the line, 1 to 0; even a hard edge is one pixel wide.
    pub fn coverage(self, distance: f32) -> f32 {
        let (from, to) = self.fade();
        let out = ((distance - from) / (to - from)).clamp(0.0, 1.0);
        1.0 - out * out * (3.0 - 2.0 * out)
    }

    /// Where it begins to fade and where it ends, in pixels from the line.
    fn fade(self) -> (f32, f32) {
        let radius = self.size.max(1.0) / 2.0;
        let from = (radius * (1.0 - self.softness.clamp(0.0, 1.0))).min(radius - 0.5);
        (from, radius.max(from + 1.0))
    }

    /// What a move from `a` to `b` covers: exactly the brush along the whole way, whatever the number of samples.
    pub fn segment(self, a: [f32; 2], b: [f32; 2], size: (usize, usize)) -> Option<Coverage> {
        let reach = self.fade().1;
        let min = [a[0].min(b[0]) - reach, a[1].min(b[1]) - reach];
        let max = [a[0].max(b[0]) + reach, a[1].max(b[1]) + reach];
        let area = Area::around(min, max, size)?;
        let along = [b[0] - a[0], b[1] - a[1]];
        let length = along[0] * along[0] + along[1] * along[1];
        let mut values = Vec::with_capacity(area.len());
        for y in area.y..area.y + area.height {
            let dy = y as f32 + 0.5 - a[1];
            for x in area.x..area.x + area.width {
                let dx = x as f32 + 0.5 - a[0];
                let part = if length > 0.0 { ((dx * along[0] + dy * along[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
                let (ex, ey) = (dx - part * along[0], dy - part * along[1]);
                let square = ex * ex + ey * ey;
                values.push(match square < reach * reach {
                    true => (self.coverage(square.sqrt()) * 255.0).round() as u8,
                    false => 0,
                });
            }
        }
        Some(Coverage { area, values })
    }
}
