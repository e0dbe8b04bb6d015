//! Every command in one place: its part of the menu, its name, a sentence, its keys, when it has something to work on, and
//! what it does. A new command is an entry here and nothing else: menu, palette, keys and help read the list.
//!
//! The list is a macro, so that its names are known on the ground floor, where every area may press them, and what they do
//! is compiled in the window, which alone has all areas at hand.

macro_rules! commands {
    ($each:ident) => {
        $each! {
            Generate {
                "Run", "Generate", "Run the open panel's settings", Some((CTRL, Key::Enter)),
                |w| w.why_not().is_none(),
                |w, ctx| w.generate(ctx)
            }
            Cancel {
                "Run", "Cancel", "Stop the running job", Some((NONE, Key::Escape)),
                has_jobs,
                |w, _| w.shared.queue.cancel_first()
            }
            CancelAll {
                "Run", "Cancel all jobs", "Stop the running job and empty the queue", Some((SHIFT, Key::Escape)),
                has_jobs,
                |w, _| w.shared.queue.cancel_all()
            }
            PauseTraining {
                "Run", "Pause or resume training", "Pause with everything saved, or resume", None,
                |w| w.training.runs.live().is_some(),
                |w, _| w.training.pause(&w.shared.queue)
            }
            NewSeed {
                "Run", "New seed", "Draw a new random seed", Some((CTRL, Key::R)),
                always,
                |w, _| w.shared.session.recipe_mut().sampling.seed = vec![seed::random()]
            }
            ResetPanel {
                "Run", "Reset settings", "Put every setting of the panel back to its default", None,
                always,
                |w, _| w.inspector.reset(&mut w.shared.session)
            }
            WritePrompt {
                "Edit", "Write the prompt", "Put the keyboard into the open panel's prompt", Some((NONE, Key::Slash)),
                |w| w.takes_words(),
                |w, _| w.write_prompt()
            }
            Undo {
                "Edit", "Undo", "Undo the panel's last stroke or setting change, or the last deletion", Some((CTRL, Key::Z)),
                always,
                |w, _| w.step_back(false)
            }
            Redo {
                "Edit", "Redo", "Do again what was undone; Ctrl+Y does too", Some((CTRL_SHIFT, Key::Z)),
                |w| w.undo.depth(&w.shared.session.panel).1 > 0,
                |w, _| w.step_back(true)
            }
            UndoStroke {
                "Paint", "Undo stroke", "Undo the last change to the canvas", None,
                |w| w.workspaces.can_undo(w.panel().verb).0,
                |w, _| w.step_stroke(CanvasAction::Undo)
            }
            RedoStroke {
                "Paint", "Redo stroke", "Redo the last change to the canvas", None,
                |w| w.workspaces.can_undo(w.panel().verb).1,
                |w, _| w.step_stroke(CanvasAction::Redo)
            }
            ClearCanvas {
                "Paint", "Clear canvas", "Erase everything painted", Some((SHIFT, Key::C)),
                |w| matches!(w.panel().workspace, Workspace::Mask | Workspace::Drawing),
                |w, _| w.at_canvas(CanvasAction::Clear)
            }
            InvertMask {
                "Paint", "Invert mask", "Make new what was kept, keep what was new", Some((SHIFT, Key::I)),
                |w| w.panel().workspace == Workspace::Mask,
                |w, _| w.at_canvas(CanvasAction::Invert)
            }
            NewDrawing {
                "Paint", "New drawing", "An empty sheet of paper instead of the picture", None,
                |w| w.panel().workspace == Workspace::Drawing,
                |w, _| w.at_canvas(CanvasAction::New)
            }
            BrushTool {
                "Paint", "Take the brush", "Paint", Some((NONE, Key::B)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Brush
            }
            EraserTool {
                "Paint", "Take the eraser", "Bring back what was there", Some((NONE, Key::E)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Eraser
            }
            RectangleTool {
                "Paint", "Fill rectangles", "From corner to corner", Some((NONE, Key::R)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Rectangle
            }
            LassoTool {
                "Paint", "Fill by lasso", "Fill what a line encloses", Some((NONE, Key::L)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Lasso
            }
            FillTool {
                "Paint", "Fill regions", "Fill a connected area", Some((NONE, Key::G)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Fill
            }
            PickTool {
                "Paint", "Pick a colour", "From the picture", Some((NONE, Key::I)),
                always,
                |w, _| w.shared.session.tools.tool = Tool::Pick
            }
            BrushSmaller {
                "Paint", "Smaller brush", "By a fifth of its size", Some((NONE, Key::OpenBracket)),
                always,
                |w, _| w.shared.session.tools.resize(false)
            }
            BrushLarger {
                "Paint", "Larger brush", "By a fifth of its size", Some((NONE, Key::CloseBracket)),
                always,
                |w, _| w.shared.session.tools.resize(true)
            }
            Open {
                "File", "Open…", "Open a saved picture with its settings, or a source picture", Some((CTRL, Key::O)),
                always,
                |w, _| w.shared.files.choose(Purpose::Open, &w.shared.background)
            }
            OpenPath {
                "File", "Open by path…", "Type the path of a picture or recipe", None,
                always,
                |w, _| w.dialogs.open = Some(Dialog::Path(String::new()))
            }
            PreviousPicture {
                "Picture", "Newer picture", "Show the picture to the left in the gallery", Some((NONE, Key::ArrowLeft)),
                has_pictures,
                |w, _| w.go_along(-1)
            }
            NextPicture {
                "Picture", "Older picture", "Show the picture to the right in the gallery", Some((NONE, Key::ArrowRight)),
                has_pictures,
                |w, _| w.go_along(1)
            }
            ShowJob {
                "Picture", "Show running job", "Go back to the live preview", Some((NONE, Key::J)),
                |w| w.shared.queue.jobs.running().is_some(),
                |w, ctx| w.show_running_job(ctx)
            }
            StepBack {
                "Steps", "One step back", "Show the previous step", Some((NONE, Key::Comma)),
                has_steps,
                |w, _| w.viewer.step_by(-1, &w.shared.queue.jobs)
            }
            StepForward {
                "Steps", "One step on", "Show the next step", Some((NONE, Key::Period)),
                has_steps,
                |w, _| w.viewer.step_by(1, &w.shared.queue.jobs)
            }
            Play {
                "Steps", "Play the steps", "From the noise to the picture", Some((NONE, Key::P)),
                has_steps,
                |w, _| w.viewer.timeline.play()
            }
            Branch {
                "Steps", "Branch from this step", "Go on from here with other settings", Some((NONE, Key::N)),
                |w| w.viewer.timeline.at.is_some(),
                |w, _| w.viewer.branch(&mut w.shared)
            }
            Compare {
                "Picture", "Compare", "The picture under a divider with its source, or with the picture shown before",
                Some((NONE, Key::C)),
                |w| w.viewer.compared.is_some() || w.current().is_some(),
                |w, ctx| w.viewer.compare(ctx, &mut w.shared)
            }
            Star {
                "Picture", "Star", "Mark the picture as a favourite, or not", Some((NONE, Key::S)),
                |w| w.current().is_some_and(|current| current.path.is_some()),
                |w, _| w.star()
            }
            Page {
                "Picture", "Page of results…", "Starred pictures with captions of your own, as one HTML file", None,
                |w| !w.gallery.paths.is_empty(),
                |w, _| w.open_page()
            }
            RestoreSettings {
                "Picture", "Restore settings", "Put back every setting that made the picture", Some((CTRL_SHIFT, Key::R)),
                has_recipe,
                |w, _| w.restore_current(true)
            }
            RestoreButSeed {
                "Picture", "Restore all but the seed", "Put back the picture's settings, keep the seed", None,
                has_recipe,
                |w, _| w.restore_current(false)
            }
            MakeAgain {
                "Picture", "Make it again", "Run the settings that made the picture, with its seed, to see every step", None,
                has_recipe,
                |w, ctx| w.make_again(ctx)
            }
            KeepSeed {
                "Picture", "Take my seed back", "After settings were restored: go back to the seed from before", None,
                |w| w.inspector.seed_before.is_some(),
                |w, _| w.inspector.keep_seed(&mut w.shared.session)
            }
            UseAsSource {
                "Picture", "Use as source", "Make the picture the source of the open panel", Some((CTRL, Key::U)),
                |w| w.current().is_some(),
                |w, _| w.use_current_as_source()
            }
            Nearest {
                "Picture", "Nearest training digits…", "Whether a drawn digit was invented or remembered: it beside the nearest of its set",
                None,
                |w| w.current().is_some_and(|current| Nearest::is_digit(&current.pixels)),
                |w, _| w.open_nearest()
            }
            SavePicture {
                "Picture", "Save picture…", "Write a copy of the picture, with its settings inside, where you like",
                Some((CTRL, Key::S)),
                |w| w.current().is_some(),
                |w, _| w.save_current()
            }
            CopyPicture {
                "Picture", "Copy picture", "Copy the picture's pixels", Some((CTRL_SHIFT, Key::C)),
                |w| w.current().is_some(),
                |w, ctx| w.copy_picture(ctx)
            }
            CopyCommand {
                "Picture", "Copy as command", "Copy the command that makes this picture", Some((CTRL_SHIFT, Key::K)),
                always,
                |w, ctx| w.copy_command(ctx)
            }
            Trash {
                "Picture", "Move to trash", "Delete the picture: it goes to the gallery's trash folder", Some((NONE, Key::Delete)),
                |w| w.current().and_then(|current| current.path).is_some_and(|path| w.gallery.holds(&path)),
                |w, _| w.trash()
            }
            Untrash {
                "Picture", "Undo move to trash", "Bring the last thrown-away picture back", None,
                |w| w.gallery.has_trashed(),
                |w, _| w.untrash()
            }
            ExportCurves {
                "File", "Export curves…", "Every step of the runs in \"Train a network\" that are shown, as CSV", None,
                |w| !w.training.runs.all.is_empty(),
                |w, _| w.training.export("curves.csv", &mut w.shared)
            }
            OpenFolder {
                "File", "Open gallery folder", "Show the folder that results are saved in", Some((CTRL_SHIFT, Key::O)),
                always,
                |w, _| w.gallery.open_folder(&mut w.shared.toasts)
            }
            Models {
                "File", "Models…", "What is on this machine, and what the hub has to fetch", None,
                always,
                |w, _| w.open_models()
            }
            Fit {
                "View", "Fit to window", "Show the whole picture", Some((NONE, Key::F)),
                always,
                |w, _| w.look_at(View::Fit)
            }
            ActualSize {
                "View", "Actual size", "One pixel of the picture is one pixel of the screen", Some((NONE, Key::Num1)),
                always,
                |w, ctx| w.look_at(View::Free { zoom: 1.0 / ctx.pixels_per_point(), pan: Vec2::ZERO })
            }
            Layout {
                "View", "Workspace, both or pictures", "Change what stands in the middle: the workspace, both, or the pictures",
                Some((NONE, Key::V)),
                |w| !matches!(w.panel().workspace, Workspace::Pictures | Workspace::Training),
                |w, _| w.shared.session.layout = w.shared.session.layout.next()
            }
            PreviousExperiment {
                "View", "Previous experiment", "Open the one above in the rail", Some((CTRL, Key::PageUp)),
                always,
                |w, _| w.shared.session.go_along(-1)
            }
            NextExperiment {
                "View", "Next experiment", "Open the one below in the rail", Some((CTRL, Key::PageDown)),
                always,
                |w, _| w.shared.session.go_along(1)
            }
            SidePanels {
                "View", "Hide or show side panels", "Give the picture the whole window", Some((NONE, Key::H)),
                always,
                |w, _| w.shared.session.side_panels = !w.shared.session.side_panels
            }
            FullScreen {
                "View", "Full screen", "Enter or leave full screen", Some((NONE, Key::F11)),
                always,
                |_, ctx| {
                    let full = ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
                    ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
                }
            }
            ScaleUp {
                "View", "Larger interface", "Make text and controls larger", Some((CTRL, Key::Plus)),
                always,
                |w, _| w.shared.session.scale_by(0.1)
            }
            ScaleDown {
                "View", "Smaller interface", "Make text and controls smaller", Some((CTRL, Key::Minus)),
                always,
                |w, _| w.shared.session.scale_by(-0.1)
            }
            ScaleReset {
                "View", "Normal interface size", "Text and controls at 100 %", Some((CTRL, Key::Num0)),
                always,
                |w, _| w.shared.session.scale = 1.0
            }
            Dark {
                "View", "Dark theme", "Light text on dark", None,
                always,
                |w, _| w.shared.session.theme = Theme::Dark
            }
            Light {
                "View", "Light theme", "Dark text on light", None,
                always,
                |w, _| w.shared.session.theme = Theme::Light
            }
            HighContrast {
                "View", "High-contrast theme", "White and yellow on black, with strong lines", None,
                always,
                |w, _| w.shared.session.theme = Theme::Contrast
            }
            System {
                "View", "System theme", "Follow the desktop", None,
                always,
                |w, _| w.shared.session.theme = Theme::System
            }
            Palette {
                "Help", "Command palette", "Find any command, experiment, preset or setting by name", Some((CTRL, Key::P)),
                always,
                |w, _| w.dialogs.open = Some(Dialog::palette(w.shared.session.recipe(), w.inspector.model.summary()))
            }
            Lessons {
                "Help", "Lessons", "A path through the experiments, one step after the other", Some((NONE, Key::F2)),
                always,
                |w, _| w.shared.session.lessons.open = !w.shared.session.lessons.open
            }
            Toy {
                "Help", "Points in the plane", "Watch noise become a shape: score, samplers and guidance in two dimensions", None,
                always,
                |w, _| w.dialogs.open = Some(Dialog::Toy(Box::default()))
            }
            Symbols {
                "Help", "Symbols and measures", "Explain every symbol, curve and measure", None,
                always,
                |w, _| w.dialogs.open = Some(Dialog::Symbols(None))
            }
            Help {
                "Help", "Keyboard and mouse", "Help: all shortcuts, and what the mouse does", Some((NONE, Key::F1)),
                always,
                |w, _| w.dialogs.open = Some(Dialog::Help)
            }
            About {
                "Help", "About Diffusion Lab", "Version, licences and credits", None,
                always,
                |w, _| w.dialogs.open = Some(Dialog::About)
            }
            FrameTimes {
                "Help", "Frame times", "How long the window takes to draw", None,
                always,
                |w, _| w.shared.toasts.tell(Tone::Note, format!("Frames: {}", w.frames.describe()))
            }
            Quit {
                "File", "Quit", "Close the window", Some((CTRL, Key::Q)),
                always,
                |_, ctx| ctx.send_viewport_cmd(ViewportCommand::Close)
            }
        }
    };
}
pub(crate) use commands;
