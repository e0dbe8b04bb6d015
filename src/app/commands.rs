//! Everything that can be commanded: one enum with text, help and shortcut, read by menu, palette, F1 sheet and
//! keyboard alike.

use egui::{Key, KeyboardShortcut, ModifierNames, Modifiers};

/// One thing that the program can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "`about` says each in words for the user")]
pub enum Command {
    Generate,
    Cancel,
    CancelAll,
    NewSeed,
    ResetPanel,
    Open,
    OpenPath,
    PreviousPicture,
    NextPicture,
    ShowJob,
    RestoreSettings,
    RestoreButSeed,
    KeepSeed,
    UseAsSource,
    CopyPicture,
    CopyCommand,
    Trash,
    Untrash,
    OpenFolder,
    Fit,
    ActualSize,
    SidePanels,
    FullScreen,
    ScaleUp,
    ScaleDown,
    ScaleReset,
    Dark,
    Light,
    System,
    Palette,
    Help,
    About,
    FrameTimes,
    Quit,
}

/// What menus, palette and help say of a command.
pub struct About {
    /// Its part of the menu.
    pub section: &'static str,
    /// Its name.
    pub text: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Its keys.
    pub shortcut: Option<KeyboardShortcut>,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

impl Command {
    /// Every command, in the order of menus.
    pub const ALL: &'static [Self] = &[
        Self::Generate,
        Self::Cancel,
        Self::CancelAll,
        Self::NewSeed,
        Self::ResetPanel,
        Self::Open,
        Self::OpenPath,
        Self::PreviousPicture,
        Self::NextPicture,
        Self::ShowJob,
        Self::RestoreSettings,
        Self::RestoreButSeed,
        Self::KeepSeed,
        Self::UseAsSource,
        Self::CopyPicture,
        Self::CopyCommand,
        Self::Trash,
        Self::Untrash,
        Self::OpenFolder,
        Self::Fit,
        Self::ActualSize,
        Self::SidePanels,
        Self::FullScreen,
        Self::ScaleUp,
        Self::ScaleDown,
        Self::ScaleReset,
        Self::Dark,
        Self::Light,
        Self::System,
        Self::Palette,
        Self::Help,
        Self::About,
        Self::FrameTimes,
        Self::Quit,
    ];

    /// What is said of it.
    pub fn about(self) -> About {
        let about = |section, text, help, shortcut: Option<(Modifiers, Key)>| About {
            section,
            text,
            help,
            shortcut: shortcut.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key)),
        };
        let none = Modifiers::NONE;
        match self {
            Self::Generate => about("Run", "Generate", "Run the open panel's settings", Some((CTRL, Key::Enter))),
            Self::Cancel => about("Run", "Cancel", "Stop the running job", Some((none, Key::Escape))),
            Self::CancelAll => about(
                "Run",
                "Cancel all jobs",
                "Stop the running job and empty the queue",
                Some((Modifiers::SHIFT, Key::Escape)),
            ),
            Self::NewSeed => about("Run", "New seed", "Draw a new random seed", Some((CTRL, Key::R))),
            Self::ResetPanel => {
                about("Run", "Reset settings", "Put every setting of the panel back to its default", None)
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
                about("Picture", "Use as source", "Make the picture the source of Upscale", Some((CTRL, Key::U)))
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
            Self::Untrash => {
                about("Picture", "Undo move to trash", "Bring the last thrown-away picture back", Some((CTRL, Key::Z)))
            }
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
            Self::Palette => {
                about("Help", "Command palette", "Find any command, experiment or preset by name", Some((CTRL, Key::P)))
            }
            Self::Help => about("Help", "Keyboard and mouse", "Everything that can be pressed", Some((none, Key::F1))),
            Self::About => about("Help", "About Diffusion Lab", "Version, licences and credits", None),
            Self::FrameTimes => about("Help", "Frame times", "How long the window takes to draw", None),
            Self::Quit => about("File", "Quit", "Close the window", Some((CTRL, Key::Q))),
        }
    }

    /// Its keys, for a person.
    pub fn keys(self) -> Option<String> {
        let mac = cfg!(target_os = "macos");
        self.about().shortcut.map(|shortcut| shortcut.format(&ModifierNames::NAMES, mac).replace("Escape", "Esc"))
    }
}

/// The commands whose keys were pressed, longest shortcuts first. Keys without Ctrl are left to a text field that
/// has the focus, and everything is left to an open sheet.
pub fn pressed(ctx: &egui::Context, sheet_is_open: bool) -> Vec<Command> {
    if sheet_is_open {
        return Vec::new();
    }
    let typing = ctx.text_edit_focused();
    let popup = egui::Popup::is_any_open(ctx);
    let mut with_keys: Vec<(Command, KeyboardShortcut)> =
        Command::ALL.iter().filter_map(|&command| Some((command, command.about().shortcut?))).collect();
    with_keys.sort_by_key(|(_, shortcut)| {
        std::cmp::Reverse(shortcut.modifiers.any() as u8 + shortcut.modifiers.shift as u8)
    });
    let mut pressed = Vec::new();
    for (command, shortcut) in with_keys {
        let plain = !shortcut.modifiers.command;
        let mine = |key: Key| matches!(key, Key::F1 | Key::F11);
        let shared = command == Command::Untrash; // Ctrl+Z belongs to the text field
        if (plain && (typing || popup) && !mine(shortcut.logical_key)) || (shared && typing) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
            pressed.push(command);
        }
    }
    if ctx.input_mut(|input| input.consume_key(CTRL, Key::Equals)) {
        pressed.push(Command::ScaleUp);
    }
    if !typing && ctx.input(|input| input.events.contains(&egui::Event::Copy)) {
        pressed.push(Command::CopyPicture);
    }
    pressed
}
