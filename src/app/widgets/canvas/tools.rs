//! What is painted with: the tool, the brush, the colours. Kept from one session to the next.

use serde::{Deserialize, Serialize};

use crate::app::theme::Icon;
use crate::pictures::drawing::Brush;

/// What the pointer does on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Paints.
    #[default]
    Brush,
    /// Takes away.
    Eraser,
    /// Fills a rectangle.
    Rectangle,
    /// Fills what a line goes round.
    Lasso,
    /// Fills what hangs together.
    Fill,
    /// Takes a colour from the picture.
    Pick,
}

impl Tool {
    /// Every tool, in the order of the tool strip.
    pub const ALL: [Self; 6] = [Self::Brush, Self::Eraser, Self::Rectangle, Self::Lasso, Self::Fill, Self::Pick];

    /// Its name, what it does, its icon.
    pub fn about(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Brush => ("Brush", "Paint; right button erases, Shift draws a straight line", Icon::Brush),
            Self::Eraser => ("Eraser", "Bring back what was there before", Icon::Eraser),
            Self::Rectangle => ("Rectangle", "Fill a rectangle between two corners", Icon::Rectangle),
            Self::Lasso => ("Lasso", "Fill what a hand-drawn line encloses", Icon::Lasso),
            Self::Fill => ("Fill", "Fill a connected area of similar colour", Icon::Fill),
            Self::Pick => ("Pick colour", "Take a colour from the picture; Alt does it with any tool", Icon::Pick),
        }
    }

    /// Whether the size and softness of the brush count.
    pub fn is_brush(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser)
    }
}

/// Colours that a new drawing offers.
const PALETTE: [[u8; 3]; 10] = [
    [0, 0, 0],
    [255, 255, 255],
    [126, 132, 142],
    [204, 48, 44],
    [238, 136, 34],
    [246, 208, 66],
    [72, 156, 76],
    [58, 134, 214],
    [112, 78, 178],
    [130, 84, 52],
];

/// Tool, brush and colours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tools {
    /// The tool in hand.
    pub tool: Tool,
    /// The brush's diameter in pixels of the canvas.
    pub size: f32,
    /// The part of the brush that fades out, 0 to 1.
    pub softness: f32,
    /// What is painted with.
    pub colour: [u8; 3],
    /// Colours at hand, the last used first.
    pub colours: Vec<[u8; 3]>,
    /// How different a pixel may be to be filled with its neighbour, 0 to 255.
    pub tolerance: u8,
    /// The colour in which a mask lies over its picture.
    pub overlay: [u8; 3],
    /// How much of the picture it hides, 0 to 1.
    pub opacity: f32,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            tool: Tool::Brush,
            size: 24.0,
            softness: 0.3,
            colour: [204, 48, 44],
            colours: PALETTE.to_vec(),
            tolerance: 48,
            overlay: [255, 64, 96],
            opacity: 0.6,
        }
    }
}

/// The largest brush in pixels.
pub const MAX_SIZE: f32 = 200.0;

impl Tools {
    /// The brush.
    pub fn brush(&self) -> Brush {
        Brush { size: self.size, softness: self.softness }
    }

    /// A smaller or larger brush: steps of a fifth of its size, as [ and ] take them.
    pub fn resize(&mut self, larger: bool) {
        let step = (self.size / 5.0).round().max(1.0);
        self.size = (if larger { self.size + step } else { self.size - step }).round().clamp(1.0, MAX_SIZE);
    }

    /// Notes that the colour was used.
    pub fn remember(&mut self) {
        if !self.colours.contains(&self.colour) {
            self.colours.insert(0, self.colour);
            self.colours.truncate(PALETTE.len());
        }
    }
}
