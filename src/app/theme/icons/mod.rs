//! Icons as strokes on a 24-point grid, drawn in the colour of the text beside them: no font to lack them, sharp at
//! every scale.

mod tools;

use egui::{Color32, Painter, Pos2, Rect, Stroke, pos2};

/// What an icon stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// An experiment that draws from words.
    Spark,
    /// An experiment that enlarges.
    Expand,
    /// Any other experiment.
    Flask,
    /// Adding noise.
    Waves,
    /// Taking noise away.
    Droplet,
    /// Editing.
    Pencil,
    /// Painting a mask.
    Brush,
    /// Turning a picture.
    Turn,
    /// The list of commands.
    Menu,
    /// Search.
    Search,
    /// Help.
    Help,
    /// Dark theme.
    Moon,
    /// Light theme.
    Sun,
    /// A new random value.
    Dice,
    /// Kept.
    Lock,
    /// Free.
    Unlock,
    /// Throw away.
    Trash,
    /// A folder.
    Folder,
    /// Copy.
    Copy,
    /// A command line.
    Terminal,
    /// Back to what was.
    Restore,
    /// One more.
    Plus,
    /// Close, remove, cancel.
    Cross,
    /// Earlier texts.
    Clock,
    /// Fit to the window.
    Fit,
    /// A picture.
    Picture,
    /// Jobs.
    Layers,
    /// Done.
    Check,
    /// Open or closed section.
    ChevronRight,
    /// Open section.
    ChevronDown,
    /// Ready-made settings.
    Bookmark,
    /// Painting away.
    Eraser,
    /// A filled rectangle.
    Rectangle,
    /// A filled outline.
    Lasso,
    /// Filling what hangs together.
    Fill,
    /// A colour from the picture.
    Pick,
    /// Back by one.
    Undo,
    /// Forth by one.
    Redo,
    /// White for black.
    Invert,
    /// Runs by itself.
    Play,
    /// Stands still.
    Pause,
    /// A favourite.
    Star,
    /// Two pictures under one divider.
    Compare,
    /// Nearer to the front.
    Up,
    /// Another way from here.
    Branch,
    /// To be looked at.
    Eye,
    /// Into a file.
    Save,
    /// A loss that falls.
    Curve,
    /// Keys to press.
    Keys,
    /// Something to read.
    Book,
    /// A digit in noise.
    Grain,
    /// A digit that is cleaned.
    Cleaned,
    /// A part of a digit.
    Patch,
    /// A six that is a nine.
    SixNine,
}

type Line = &'static [(f32, f32)];

impl Icon {
    /// Polylines on a 24-point grid.
    fn lines(self) -> &'static [Line] {
        match self {
            Self::Spark => &[
                &[
                    (11.0, 4.0),
                    (13.0, 10.0),
                    (19.0, 12.0),
                    (13.0, 14.0),
                    (11.0, 20.0),
                    (9.0, 14.0),
                    (3.0, 12.0),
                    (9.0, 10.0),
                    (11.0, 4.0),
                ],
                &[(19.0, 3.0), (19.0, 7.0)],
                &[(17.0, 5.0), (21.0, 5.0)],
            ],
            Self::Expand => &[
                &[(14.0, 4.0), (20.0, 4.0), (20.0, 10.0)],
                &[(20.0, 4.0), (13.0, 11.0)],
                &[(10.0, 20.0), (4.0, 20.0), (4.0, 14.0)],
                &[(4.0, 20.0), (11.0, 13.0)],
            ],
            Self::Waves => &[
                &[(3.0, 9.0), (7.5, 6.0), (12.0, 9.0), (16.5, 12.0), (21.0, 9.0)],
                &[(3.0, 16.0), (7.5, 13.0), (12.0, 16.0), (16.5, 19.0), (21.0, 16.0)],
            ],
            Self::Droplet => &[&[
                (12.0, 3.0),
                (17.0, 10.0),
                (18.2, 15.0),
                (15.5, 19.5),
                (12.0, 20.7),
                (8.5, 19.5),
                (5.8, 15.0),
                (7.0, 10.0),
                (12.0, 3.0),
            ]],
            Self::Pencil => &[
                &[(4.0, 20.0), (5.0, 15.5), (16.0, 4.5), (19.5, 8.0), (8.5, 19.0), (4.0, 20.0)],
                &[(13.5, 7.0), (17.0, 10.5)],
            ],
            Self::Brush => &[
                &[(20.0, 4.0), (10.5, 13.5)],
                &[(10.5, 13.5), (7.0, 14.0), (5.5, 17.0), (3.5, 19.0), (8.0, 20.0), (11.0, 17.5), (10.5, 13.5)],
            ],
            Self::Turn => &[
                &[
                    (19.0, 8.0),
                    (15.5, 5.0),
                    (10.5, 4.8),
                    (6.2, 7.5),
                    (4.6, 12.0),
                    (6.2, 16.5),
                    (10.5, 19.2),
                    (15.5, 18.5),
                ],
                &[(19.5, 3.0), (19.3, 8.3), (14.2, 8.3)],
            ],
            Self::Flask => &[
                &[(9.0, 3.0), (15.0, 3.0)],
                &[
                    (10.0, 3.0),
                    (10.0, 9.0),
                    (4.5, 18.0),
                    (5.5, 20.5),
                    (18.5, 20.5),
                    (19.5, 18.0),
                    (14.0, 9.0),
                    (14.0, 3.0),
                ],
                &[(7.5, 14.5), (16.5, 14.5)],
            ],
            Self::Menu => &[&[(4.0, 7.0), (20.0, 7.0)], &[(4.0, 12.0), (20.0, 12.0)], &[(4.0, 17.0), (20.0, 17.0)]],
            Self::Search => &[&[(15.5, 15.5), (20.5, 20.5)]],
            Self::Help => &[
                &[(9.3, 9.5), (10.0, 7.8), (12.0, 7.0), (14.2, 8.0), (14.6, 10.0), (12.0, 12.2), (12.0, 13.8)],
                &[(12.0, 16.6), (12.0, 17.2)],
            ],
            Self::Moon => &[&[
                (19.5, 14.5),
                (16.0, 15.2),
                (12.0, 14.0),
                (9.4, 11.0),
                (8.9, 7.4),
                (10.0, 4.3),
                (6.5, 6.0),
                (4.3, 9.4),
                (4.3, 13.2),
                (6.3, 17.0),
                (9.8, 19.4),
                (13.6, 19.6),
                (17.2, 18.0),
                (19.5, 14.5),
            ]],
            Self::Sun => &[
                &[(12.0, 2.5), (12.0, 4.5)],
                &[(12.0, 19.5), (12.0, 21.5)],
                &[(2.5, 12.0), (4.5, 12.0)],
                &[(19.5, 12.0), (21.5, 12.0)],
                &[(5.3, 5.3), (6.7, 6.7)],
                &[(17.3, 17.3), (18.7, 18.7)],
                &[(5.3, 18.7), (6.7, 17.3)],
                &[(17.3, 6.7), (18.7, 5.3)],
            ],
            Self::Dice => &[&[
                (5.0, 4.0),
                (19.0, 4.0),
                (20.0, 5.0),
                (20.0, 19.0),
                (19.0, 20.0),
                (5.0, 20.0),
                (4.0, 19.0),
                (4.0, 5.0),
                (5.0, 4.0),
            ]],
            Self::Lock => &[
                &[(5.0, 11.0), (19.0, 11.0), (19.0, 20.5), (5.0, 20.5), (5.0, 11.0)],
                &[(8.0, 11.0), (8.0, 7.0), (9.5, 4.5), (12.0, 3.5), (14.5, 4.5), (16.0, 7.0), (16.0, 11.0)],
            ],
            Self::Unlock => &[
                &[(5.0, 11.0), (19.0, 11.0), (19.0, 20.5), (5.0, 20.5), (5.0, 11.0)],
                &[(8.0, 11.0), (8.0, 7.0), (9.5, 4.5), (12.0, 3.5), (14.5, 4.5), (15.8, 6.4)],
            ],
            Self::Trash => &[
                &[(4.0, 6.5), (20.0, 6.5)],
                &[(9.0, 6.5), (9.0, 3.5), (15.0, 3.5), (15.0, 6.5)],
                &[(6.0, 6.5), (7.0, 20.5), (17.0, 20.5), (18.0, 6.5)],
                &[(10.3, 10.5), (10.6, 16.5)],
                &[(13.7, 10.5), (13.4, 16.5)],
            ],
            Self::Folder => {
                &[&[(3.5, 19.0), (3.5, 5.0), (9.5, 5.0), (11.5, 7.5), (20.5, 7.5), (20.5, 19.0), (3.5, 19.0)]]
            }
            Self::Copy => &[
                &[(9.0, 9.0), (20.0, 9.0), (20.0, 20.0), (9.0, 20.0), (9.0, 9.0)],
                &[(5.5, 15.0), (4.0, 15.0), (4.0, 4.0), (15.0, 4.0), (15.0, 5.5)],
            ],
            Self::Terminal => &[&[(4.5, 7.0), (9.5, 12.0), (4.5, 17.0)], &[(12.0, 18.0), (20.0, 18.0)]],
            Self::Restore => &[
                &[(4.0, 4.5), (4.0, 9.5), (9.0, 9.5)],
                &[
                    (4.2, 9.3),
                    (6.8, 6.0),
                    (11.0, 4.2),
                    (15.6, 5.0),
                    (19.0, 8.2),
                    (20.0, 12.6),
                    (18.4, 16.8),
                    (14.8, 19.5),
                    (10.4, 19.8),
                    (6.5, 17.6),
                    (4.6, 14.8),
                ],
            ],
            Self::Plus => &[&[(12.0, 5.0), (12.0, 19.0)], &[(5.0, 12.0), (19.0, 12.0)]],
            Self::Cross => &[&[(6.0, 6.0), (18.0, 18.0)], &[(18.0, 6.0), (6.0, 18.0)]],
            Self::Clock => &[&[(12.0, 7.0), (12.0, 12.0), (15.5, 14.0)]],
            Self::Fit => &[
                &[(4.0, 9.0), (4.0, 4.0), (9.0, 4.0)],
                &[(15.0, 4.0), (20.0, 4.0), (20.0, 9.0)],
                &[(20.0, 15.0), (20.0, 20.0), (15.0, 20.0)],
                &[(9.0, 20.0), (4.0, 20.0), (4.0, 15.0)],
            ],
            Self::Picture => &[
                &[(3.5, 4.5), (20.5, 4.5), (20.5, 19.5), (3.5, 19.5), (3.5, 4.5)],
                &[(4.0, 17.0), (9.5, 11.5), (13.5, 15.5), (16.0, 13.0), (20.0, 17.0)],
            ],
            Self::Layers => &[
                &[(12.0, 3.5), (21.0, 8.5), (12.0, 13.5), (3.0, 8.5), (12.0, 3.5)],
                &[(3.0, 12.5), (12.0, 17.5), (21.0, 12.5)],
                &[(3.0, 16.5), (12.0, 21.5), (21.0, 16.5)],
            ],
            Self::Check => &[&[(5.0, 12.5), (10.0, 17.5), (19.5, 7.0)]],
            Self::ChevronRight => &[&[(9.0, 6.0), (15.0, 12.0), (9.0, 18.0)]],
            Self::ChevronDown => &[&[(6.0, 9.0), (12.0, 15.0), (18.0, 9.0)]],
            Self::Bookmark => &[&[(6.0, 3.5), (18.0, 3.5), (18.0, 20.5), (12.0, 15.5), (6.0, 20.5), (6.0, 3.5)]],
            other => tools::lines(other),
        }
    }

    /// Circles on the same grid: centre, radius, filled.
    fn circles(self) -> &'static [(f32, f32, f32, bool)] {
        match self {
            Self::Search => &[(10.5, 10.5, 6.5, false)],
            Self::Help => &[(12.0, 12.0, 9.0, false)],
            Self::Clock => &[(12.0, 12.0, 8.5, false)],
            Self::Sun => &[(12.0, 12.0, 4.0, false)],
            Self::Dice => &[
                (8.5, 8.5, 1.4, true),
                (15.5, 8.5, 1.4, true),
                (12.0, 12.0, 1.4, true),
                (8.5, 15.5, 1.4, true),
                (15.5, 15.5, 1.4, true),
            ],
            Self::Picture => &[(9.0, 9.0, 1.6, false)],
            other => tools::circles(other),
        }
    }

    /// Draws it in the middle of `rect`, as large as fits.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        let scale = rect.width().min(rect.height()) / 24.0;
        let corner = rect.center() - egui::vec2(12.0, 12.0) * scale;
        let at = |x: f32, y: f32| -> Pos2 { pos2(corner.x + x * scale, corner.y + y * scale) };
        let stroke = Stroke::new((1.7 * scale).max(1.2), colour);
        for line in self.lines() {
            painter.line(line.iter().map(|&(x, y)| at(x, y)).collect(), stroke);
        }
        for &(x, y, radius, filled) in self.circles() {
            match filled {
                true => painter.circle_filled(at(x, y), radius * scale, colour),
                false => painter.circle_stroke(at(x, y), radius * scale, stroke),
            };
        }
    }
}
