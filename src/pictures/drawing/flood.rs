//! Filling: the pixels that hang together with one pixel and look like it.

use super::{Area, Coverage};

/// The region of `at`: neighbours by the side whose every channel is within `tolerance` of its value, and the one
/// pixel around them, so that no rim of a smoothed edge is left.
pub fn region<const C: usize>(
    pixels: &[[u8; C]],
    (width, height): (usize, usize),
    at: (usize, usize),
    tolerance: u8,
) -> Coverage {
    let wanted = pixels[at.1 * width + at.0];
    let alike = |index: usize| pixels[index].iter().zip(&wanted).all(|(a, b)| a.abs_diff(*b) <= tolerance);
    let mut inside = vec![false; width * height];
    let mut area = Area { x: at.0, y: at.1, width: 1, height: 1 };
    let mut left_to_do = vec![at];
    while let Some((x, y)) = left_to_do.pop() {
        let row = y * width;
        if inside[row + x] {
            continue;
        }
        let from = (0..=x).rev().take_while(|&x| alike(row + x)).last().unwrap_or(x);
        let to = (x..width).take_while(|&x| alike(row + x)).last().unwrap_or(x);
        inside[row + from..=row + to].fill(true);
        area = area.union(Area { x: from, y, width: to + 1 - from, height: 1 });
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            let mut open = false;
            for x in from..=to {
                let index = next * width + x;
                let fits = !inside[index] && alike(index);
                if fits && !open {
                    left_to_do.push((x, next));
                }
                open = fits;
            }
        }
    }
    let area = area.grown(1, (width, height));
    let mut values = Vec::with_capacity(area.len());
    for y in area.y..area.y + area.height {
        for x in area.x..area.x + area.width {
            let near = (y.saturating_sub(1)..=(y + 1).min(height - 1))
                .any(|y| (x.saturating_sub(1)..=(x + 1).min(width - 1)).any(|x| inside[y * width + x]));
            values.push(if near { 255 } else { 0 });
        }
    }
    Coverage { area, values }
}
