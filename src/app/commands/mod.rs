//! Everything that can be commanded: one enum with text, help and shortcut, read by menu, palette, F1 sheet and
//! keyboard alike.

mod about;

use egui::{Key, KeyboardShortcut, ModifierNames, Modifiers};

use super::widgets::canvas::Tool;

/// One thing that the program can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "`about` says each in words for the user")]
pub enum Command {
    Generate,
    Cancel,
    CancelAll,
    PauseTraining,
    NewSeed,
    ResetPanel,
    Undo,
    Redo,
    UndoStroke,
    RedoStroke,
    ClearCanvas,
    InvertMask,
    NewDrawing,
    BrushTool,
    EraserTool,
    RectangleTool,
    LassoTool,
    FillTool,
    PickTool,
    BrushSmaller,
    BrushLarger,
    Open,
    OpenPath,
    PreviousPicture,
    NextPicture,
    ShowJob,
    StepBack,
    StepForward,
    Play,
    Branch,
    Compare,
    Star,
    Page,
    RestoreSettings,
    RestoreButSeed,
    KeepSeed,
    UseAsSource,
    CopyPicture,
    CopyCommand,
    Trash,
    Untrash,
    OpenFolder,
    Models,
    Fit,
    ActualSize,
    Layout,
    PreviousExperiment,
    NextExperiment,
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
        Self::PauseTraining,
        Self::NewSeed,
        Self::ResetPanel,
        Self::Undo,
        Self::Redo,
        Self::UndoStroke,
        Self::RedoStroke,
        Self::ClearCanvas,
        Self::InvertMask,
        Self::NewDrawing,
        Self::BrushTool,
        Self::EraserTool,
        Self::RectangleTool,
        Self::LassoTool,
        Self::FillTool,
        Self::PickTool,
        Self::BrushSmaller,
        Self::BrushLarger,
        Self::Open,
        Self::OpenPath,
        Self::PreviousPicture,
        Self::NextPicture,
        Self::ShowJob,
        Self::StepBack,
        Self::StepForward,
        Self::Play,
        Self::Branch,
        Self::Compare,
        Self::Star,
        Self::Page,
        Self::RestoreSettings,
        Self::RestoreButSeed,
        Self::KeepSeed,
        Self::UseAsSource,
        Self::CopyPicture,
        Self::CopyCommand,
        Self::Trash,
        Self::Untrash,
        Self::OpenFolder,
        Self::Models,
        Self::Fit,
        Self::ActualSize,
        Self::Layout,
        Self::PreviousExperiment,
        Self::NextExperiment,
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
/// has the focus, and everything is left to an open sheet.
pub fn pressed(ctx: &egui::Context, sheet_is_open: bool) -> Vec<Command> {
    if sheet_is_open {
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
