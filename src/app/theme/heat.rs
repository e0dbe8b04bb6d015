//! The colours of heat maps: matplotlib's magma, which grows brighter evenly and reads the same in grey and to those
//! who see red and green alike.

use egui::Color32;

/// Magma at nine even places.
const MAGMA: [[u8; 3]; 9] = [
    [0x00, 0x00, 0x04],
    [0x1c, 0x10, 0x44],
    [0x4f, 0x12, 0x7b],
    [0x81, 0x25, 0x81],
    [0xb5, 0x36, 0x7a],
    [0xe5, 0x50, 0x64],
    [0xfb, 0x87, 0x61],
    [0xfe, 0xc2, 0x87],
    [0xfc, 0xfd, 0xbf],
];

/// The colour of a part from 0 (dark) to 1 (bright).
pub fn heat(part: f32) -> Color32 {
    let place = part.clamp(0.0, 1.0) * (MAGMA.len() - 1) as f32;
    let at = (place as usize).min(MAGMA.len() - 2);
    let within = place - at as f32;
    let [r, g, b] = [0, 1, 2].map(|channel| {
        let ends = f32::from(MAGMA[at][channel])..=f32::from(MAGMA[at + 1][channel]);
        egui::lerp(ends, within).round() as u8
    });
    Color32::from_rgb(r, g, b)
}
