//! What is said of each command: its part of the menu, its name, a sentence, its keys.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::{About, CTRL, CTRL_SHIFT, Command};

impl Command {
    /// What is said of it.
    pub fn about(self) -> About {
        let about = |section, text, help, shortcut: Option<(Modifiers, Key)>| About {
            section,
            text,
            help,
            shortcut: shortcut.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key)),
        };
        let (none, shift) = (Modifiers::NONE, Modifiers::SHIFT);
        match self {
            Self::Generate => about("Run", "Generate", "Run the open panel's settings", Some((CTRL, Key::Enter))),
            Self::Cancel => about("Run", "Cancel", "Stop the running job", Some((none, Key::Escape))),
            Self::CancelAll => about(
                "Run",
                "Cancel all jobs",
                "Stop the running job and empty the queue",
                Some((Modifiers::SHIFT, Key::Escape)),
            ),
            Self::PauseTraining => {
                about("Run", "Pause or resume training", "Pause with everything saved, or resume", None)
            }
            Self::NewSeed => about("Run", "New seed", "Draw a new random seed", Some((CTRL, Key::R))),
            Self::ResetPanel => {
                about("Run", "Reset settings", "Put every setting of the panel back to its default", None)
            }
            Self::Undo => {
                about("Edit", "Undo", "Undo the last stroke, setting change or deletion", Some((CTRL, Key::Z)))
            }
            Self::Redo => {
                about("Edit", "Redo", "Do again what was undone; Ctrl+Y does too", Some((CTRL_SHIFT, Key::Z)))
            }
            Self::UndoStroke => about("Paint", "Undo stroke", "Undo the last change to the canvas", None),
            Self::RedoStroke => about("Paint", "Redo stroke", "Redo the last change to the canvas", None),
            Self::ClearCanvas => about("Paint", "Clear canvas", "Erase everything painted", Some((shift, Key::C))),
            Self::InvertMask => {
                about("Paint", "Invert mask", "Make new what was kept, keep what was new", Some((shift, Key::I)))
            }
            Self::NewDrawing => about("Paint", "New drawing", "An empty sheet of paper instead of the picture", None),
            Self::BrushTool => about("Paint", "Take the brush", "Paint", Some((none, Key::B))),
            Self::EraserTool => about("Paint", "Take the eraser", "Bring back what was there", Some((none, Key::E))),
            Self::RectangleTool => about("Paint", "Fill rectangles", "From corner to corner", Some((none, Key::R))),
            Self::LassoTool => about("Paint", "Fill by lasso", "Fill what a line encloses", Some((none, Key::L))),
            Self::FillTool => about("Paint", "Fill regions", "Fill a connected area", Some((none, Key::G))),
            Self::PickTool => about("Paint", "Pick a colour", "From the picture", Some((none, Key::I))),
            Self::BrushSmaller => {
                about("Paint", "Smaller brush", "By a fifth of its size", Some((none, Key::OpenBracket)))
            }
            Self::BrushLarger => {
                about("Paint", "Larger brush", "By a fifth of its size", Some((none, Key::CloseBracket)))
            }
            Self::Layout => about(
                "View",
                "Bench, both or pictures",
                "Change what stands in the middle: the bench, both, or the pictures",
                Some((none, Key::V)),
            ),
            Self::PreviousExperiment => {
                about("View", "Previous experiment", "Open the one above in the rail", Some((CTRL, Key::PageUp)))
            }
            Self::NextExperiment => {
                about("View", "Next experiment", "Open the one below in the rail", Some((CTRL, Key::PageDown)))
            }
            Self::Open => about(
                "File",
                "Open…",
                "Open a saved picture with its settings, or a source picture",
                Some((CTRL, Key::O)),
            ),
            Self::OpenPath => about("File", "Open by path…", "Type the path of a picture or recipe", None),
            Self::OpenFolder => about(
                "File",
                "Open gallery folder",
                "Show the folder that results are saved in",
                Some((CTRL_SHIFT, Key::O)),
            ),
            Self::Models => about("File", "Models…", "What is on this machine, and what the hub has to fetch", None),
            Self::PreviousPicture => about(
                "Picture",
                "Newer picture",
                "Show the picture to the left in the gallery",
                Some((none, Key::ArrowLeft)),
            ),
            Self::NextPicture => about(
                "Picture",
                "Older picture",
                "Show the picture to the right in the gallery",
                Some((none, Key::ArrowRight)),
            ),
            Self::ShowJob => about("Picture", "Show running job", "Go back to the live preview", Some((none, Key::J))),
            Self::StepBack => about("Steps", "One step back", "Show the previous step", Some((none, Key::Comma))),
            Self::StepForward => about("Steps", "One step on", "Show the next step", Some((none, Key::Period))),
            Self::Play => about("Steps", "Play the steps", "From the noise to the picture", Some((none, Key::P))),
            Self::Branch => {
                about("Steps", "Branch from this step", "Go on from here with other settings", Some((none, Key::N)))
            }
            Self::Compare => about(
                "Picture",
                "Compare",
                "The picture under a divider with its source, or with the picture shown before",
                Some((none, Key::C)),
            ),
            Self::Star => about("Picture", "Star", "Mark the picture as a favourite, or not", Some((none, Key::S))),
            Self::Page => about(
                "Picture",
                "Page of results…",
                "Starred pictures with captions of your own, as one HTML file",
                None,
            ),
            Self::RestoreSettings => about(
                "Picture",
                "Restore settings",
                "Put back every setting that made the picture",
                Some((CTRL_SHIFT, Key::R)),
            ),
            Self::RestoreButSeed => {
                about("Picture", "Restore all but the seed", "Put back the picture's settings, keep the seed", None)
            }
            Self::KeepSeed => about(
                "Picture",
                "Take my seed back",
                "After settings were restored: go back to the seed from before",
                None,
            ),
            Self::UseAsSource => {
                about("Picture", "Use as source", "Make the picture the source of the open panel", Some((CTRL, Key::U)))
            }
            Self::CopyPicture => {
                about("Picture", "Copy picture", "Copy the picture's pixels", Some((CTRL_SHIFT, Key::C)))
            }
            Self::CopyCommand => about(
                "Picture",
                "Copy as command",
                "Copy the command that makes this picture",
                Some((CTRL_SHIFT, Key::K)),
            ),
            Self::Trash => about(
                "Picture",
                "Move to trash",
                "Move the picture to the gallery's trash folder",
                Some((none, Key::Delete)),
            ),
            Self::Untrash => about("Picture", "Undo move to trash", "Bring the last thrown-away picture back", None),
            Self::Fit => about("View", "Fit to window", "Show the whole picture", Some((none, Key::F))),
            Self::ActualSize => about(
                "View",
                "Actual size",
                "One pixel of the picture is one pixel of the screen",
                Some((none, Key::Num1)),
            ),
            Self::SidePanels => {
                about("View", "Hide or show side panels", "Give the picture the whole window", Some((none, Key::H)))
            }
            Self::FullScreen => about("View", "Full screen", "Enter or leave full screen", Some((none, Key::F11))),
            Self::ScaleUp => {
                about("View", "Larger interface", "Make text and controls larger", Some((CTRL, Key::Plus)))
            }
            Self::ScaleDown => {
                about("View", "Smaller interface", "Make text and controls smaller", Some((CTRL, Key::Minus)))
            }
            Self::ScaleReset => {
                about("View", "Normal interface size", "Text and controls at 100 %", Some((CTRL, Key::Num0)))
            }
            Self::Dark => about("View", "Dark theme", "Light text on dark", None),
            Self::Light => about("View", "Light theme", "Dark text on light", None),
            Self::System => about("View", "System theme", "Follow the desktop", None),
            Self::Palette => about(
                "Help",
                "Command palette",
                "Find any command, experiment, preset or setting by name",
                Some((CTRL, Key::P)),
            ),
            Self::Help => about("Help", "Keyboard and mouse", "Everything that can be pressed", Some((none, Key::F1))),
            Self::About => about("Help", "About Diffusion Lab", "Version, licences and credits", None),
            Self::FrameTimes => about("Help", "Frame times", "How long the window takes to draw", None),
            Self::Quit => about("File", "Quit", "Close the window", Some((CTRL, Key::Q))),
        }
    }
}
