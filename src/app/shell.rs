//! The real window around [`Window`]: eframe's loop, the display it needs, and frame times.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::NativeOptions;
use egui::ViewportBuilder;

use super::home::Home;
use super::queue::engine;
use super::session::Session;
use super::window::Window;
use crate::error::{Error, Result};
use crate::worker::{Options, when_asked_to_end};

const HINT: &str = "use the command line, e.g. `diffusion-lab sample --prompt \"a rocket ship\" --out out`";

/// Drives the window in place of a person; `screenshots` is one.
pub trait Driver {
    /// Done in each frame after it is drawn.
    fn frame(&mut self, window: &mut Window, ctx: &egui::Context);

    /// What its pointer and keyboard did since the last frame.
    fn events(&mut self) -> Vec<egui::Event>;
}

struct Shell {
    window: Window,
    driver: Option<Box<dyn Driver>>,
    hook: Option<Hook>,
    /// Whether the program was asked to end.
    asked: Arc<AtomicBool>,
}

type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Sync + Send + 'static>;

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if self.asked.swap(false, Ordering::Relaxed) {
            self.window.desktop.leave(ctx);
        }
        self.window.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        if let Some(hook) = self.hook.take() {
            std::panic::set_hook(hook); // the window is there
        }
        if let Some(seconds) = frame.info().cpu_usage {
            self.window.frames.push(seconds);
            if self.window.workspaces.is_painting() {
                self.window.painting.push(seconds);
            }
        }
        self.window.ui(ui);
        if let Some(driver) = &mut self.driver {
            driver.frame(&mut self.window, ui.ctx());
        }
    }

    /// A driver's window is not moved by a pointer that happens to be over it.
    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw: &mut egui::RawInput) {
        if let Some(driver) = &mut self.driver {
            raw.events.retain(|event| !matches!(event, egui::Event::PointerMoved(_) | egui::Event::MouseMoved(_)));
            raw.events.extend(driver.events());
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.window.save_now();
        if std::env::var_os("DIFFUSION_LAB_FRAMES").is_some() {
            let (all, painting) = (self.window.frames.describe(), self.window.painting.describe());
            let _ = writeln!(std::io::stderr(), "frames: {all}\nframes while painting: {painting}");
        }
    }
}

/// Opens the window and stays until it is closed.
pub fn open(options: Options, home: Home, size: Option<[f32; 2]>, driver: Option<Box<dyn Driver>>) -> Result<()> {
    display()?;
    let session = Session::load(&home.session()).ok().flatten().unwrap_or_default();
    let viewport = ViewportBuilder::default()
        .with_title("Diffusion Lab")
        .with_app_id("diffusion-lab")
        .with_inner_size(size.unwrap_or(session.window))
        .with_min_inner_size([800.0, 560.0])
        .with_drag_and_drop(true);
    keep_freed_memory();
    // Nothing here is a gradient that would show bands, and without a graphics card dithering costs time at every pixel.
    let native = NativeOptions { viewport, persist_window: false, dithering: false, ..NativeOptions::default() };
    // A missing X library is a panic in winit: it is caught and said in one line.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let opened = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            "diffusion-lab",
            native,
            Box::new(move |cc| {
                let ctx = cc.egui_ctx.clone();
                let mut window = Window::new(home, engine::worker(options, &ctx)?, {
                    let ctx = ctx.clone();
                    move || ctx.request_repaint()
                });
                window.install(&ctx);
                let asked = Arc::new(AtomicBool::new(false));
                let flag = Arc::clone(&asked);
                when_asked_to_end(move || {
                    flag.store(true, Ordering::Relaxed);
                    ctx.request_repaint();
                })?;
                Ok(Box::new(Shell { window, driver, hook: Some(hook), asked }))
            }),
        )
    }));
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            // winit puts the place in its own source before what is wrong.
            let said = error.to_string();
            let said = said.rsplit(".rs:").next().map_or(said.as_str(), |end| {
                end.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == ' ')
            });
            Err(Error::new(format!("the window cannot be opened ({said})")).hint(HINT))
        }
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let said = said.unwrap_or_else(|| "a library is missing".to_owned());
            Err(Error::new(format!("the window cannot be opened ({said})")).hint(HINT))
        }
    }
}

/// Keeps what a frame frees for the next one. As it comes, glibc gives the end of the heap back to the system after
/// every frame and takes it again, page by page, in the next: a quarter of the time that a frame takes.
fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the calls take two integers each and change settings of the allocator, before there are other threads.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, 64 << 20);
        // glibc's own upper limit, which it would reach by itself but for the line above.
        libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
    }
}

/// An error where there is nothing to open a window on.
fn display() -> Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(all(unix, not(target_os = "macos"))) && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(Error::new("no display: neither DISPLAY nor WAYLAND_DISPLAY is set").hint(HINT));
    }
    Ok(())
}
