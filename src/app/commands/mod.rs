//! Everything that can be commanded, as every area knows it: a name with text, help and keys, read by menu, palette, F1
//! and keyboard alike. What a command does is written beside these in [`list`], and compiled in the window.

pub(crate) mod list;

use egui::{Key, KeyboardShortcut, ModifierNames, Modifiers};

use super::widgets::canvas::Tool;

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

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

macro_rules! declare {
    ($($name:ident { $section:expr, $text:expr, $help:expr, $keys:expr, $when:expr, $does:expr })*) => {
        /// One thing that the program can be told to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "`about` says each in words for the user")]
        pub enum Command { $($name),* }

        impl Command {
            /// Every command, in the order of menus.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What is said of it.
            pub fn about(self) -> About {
                let (section, text, help, keys) = match self {
                    $(Self::$name => ($section, $text, $help, $keys)),*
                };
                let shortcut = keys.map(|(modifiers, key): (Modifiers, Key)| KeyboardShortcut::new(modifiers, key));
                About { section, text, help, shortcut }
            }
        }
    };
}
list::commands!(declare);

impl Command {
    /// The tool that it takes in hand.
    pub fn tool(self) -> Option<Tool> {
        Some(match self {
            Self::BrushTool => Tool::Brush,
            Self::EraserTool => Tool::Eraser,
            Self::RectangleTool => Tool::Rectangle,
            Self::LassoTool => Tool::Lasso,
            Self::FillTool => Tool::Fill,
            Self::PickTool => Tool::Pick,
            _ => return None,
        })
    }

    /// Its help with its keys behind it, for a button.
    pub fn help_with_keys(self) -> String {
        let keys = self.keys().map_or_else(String::new, |keys| format!(" ({keys})"));
        format!("{}{keys}", self.about().help)
    }

    /// Its keys, for a person.
    pub fn keys(self) -> Option<String> {
        let mac = cfg!(target_os = "macos");
        let names = [("Escape", "Esc"), ("OpenBracket", "["), ("CloseBracket", "]"), ("Comma", ","), ("Period", ".")];
        self.about().shortcut.map(|shortcut| {
            let text = shortcut.format(&ModifierNames::NAMES, mac);
            names.iter().fold(text, |text, (name, sign)| text.replace(name, sign))
        })
    }
}

/// The commands whose keys were pressed, longest shortcuts first. Keys without Ctrl are left to a text field that
/// has the focus, and everything is left to an open dialog.
pub fn pressed(ctx: &egui::Context, dialog_is_open: bool) -> Vec<Command> {
    if dialog_is_open {
        return Vec::new();
    }
    let typing = ctx.text_edit_focused();
    let popup = egui::Popup::is_any_open(ctx);
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let mut with_keys: Vec<(Command, KeyboardShortcut)> =
        Command::ALL.iter().filter_map(|&command| Some((command, command.about().shortcut?))).collect();
    with_keys.sort_by_key(|(_, shortcut)| {
        std::cmp::Reverse(shortcut.modifiers.any() as u8 + shortcut.modifiers.shift as u8)
    });
    let mut pressed = Vec::new();
    for (command, shortcut) in with_keys {
        let plain = !shortcut.modifiers.command;
        let mine = |key: Key| matches!(key, Key::F1 | Key::F11);
        // Ctrl+Z belongs to the text field, arrows to the slider that has the focus.
        let shared = matches!(command, Command::Undo | Command::Redo);
        let arrow = matches!(shortcut.logical_key, Key::ArrowLeft | Key::ArrowRight);
        if (plain && (typing || popup) && !mine(shortcut.logical_key)) || (shared && typing) || (arrow && focused) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) {
            pressed.push(command);
        }
    }
    if ctx.input_mut(|input| input.consume_key(CTRL, Key::Equals)) {
        pressed.push(Command::ScaleUp);
    }
    if !typing && ctx.input_mut(|input| input.consume_key(CTRL, Key::Y)) {
        pressed.push(Command::Redo);
    }
    if !typing && ctx.input(|input| input.events.contains(&egui::Event::Copy)) {
        pressed.push(Command::CopyPicture);
    }
    pressed
}
