//! The dashboard of training, which stands in the middle while "Train a network" is open: curves, loss by diffusion
//! time, what each epoch makes of the same noise, and the hands on the run. What it shows is plain data ([`Runs`]),
//! fed by the worker's events and by runs' folders; what draws it is one file a part.

mod axis;
mod browser;
mod by_time;
mod control;
mod curve;
mod files;
mod heat;
mod list;
mod page;
mod plot;
mod pyramid;
mod readout;
mod run;
mod runs;
mod sheets;
mod start;

pub use browser::Browser;
pub use by_time::{BINS, ByTime};
pub use curve::{Along, Curve, Series};
pub use files::{Exported, ReadRun, earlier_runs, read_run, run_folder};
pub use page::ui;
pub use run::{Run, Sheet, State};
pub use runs::Runs;
pub use start::trains;

use std::path::{Path, PathBuf};

use heat::HeatView;
use plot::PlotView;
use sheets::SheetView;

use crate::app::background::{Background, Pending};
use crate::app::widgets::table::Sort;
use crate::error::Result;
use crate::worker::JobId;

/// How the curves are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What they run along.
    pub along: Along,
    /// How much of the smoothed curve each step keeps of the step before, 0 to below 1.
    pub smoothing: f32,
    /// Whether the loss is on a logarithmic scale.
    pub logarithmic: bool,
    /// Whether a view that was zoomed moves on with the newest step.
    pub follow: bool,
}

/// The smoothing of a new dashboard.
const SMOOTHING: f32 = 0.95;

impl Default for Options {
    fn default() -> Self {
        Self { along: Along::Step, smoothing: SMOOTHING, logarithmic: true, follow: true }
    }
}

/// The dashboard's state.
#[derive(Default)]
pub struct Dashboard {
    /// The runs.
    pub runs: Runs,
    /// How the curves are drawn.
    pub options: Options,
    /// The digits that networks learn from.
    pub browser: Browser,
    /// Folders of earlier runs, newest first, as they were last listed.
    pub earlier: Vec<PathBuf>,
    /// The run that was chosen, by its colour.
    chosen: Option<usize>,
    plot: PlotView,
    heat: HeatView,
    sheets: SheetView,
    /// The order of the list of runs.
    sort: Sort,
    /// What is typed as the learning rate.
    rate: Option<String>,
    listing: Option<Pending<Vec<PathBuf>>>,
    /// What runs were before that jobs take up again.
    resuming: Vec<(JobId, Pending<ReadRun>)>,
}

impl Dashboard {
    /// The run whose heat map and pictures are shown: the chosen one, else the live one, else the newest.
    pub fn looked_at(&self) -> Option<&Run> {
        let all = &self.runs.all;
        let chosen = all.iter().find(|run| Some(run.colour) == self.chosen);
        chosen.or_else(|| self.runs.live()).or(all.last())
    }

    /// Chooses a run by its colour.
    pub fn choose(&mut self, colour: usize) {
        self.chosen = Some(colour);
    }

    /// Looks at the run that trains, whichever that will be.
    pub fn look_at_live(&mut self) {
        self.chosen = None;
    }

    /// Goes `by` epochs on in the pictures.
    pub fn step_sheet(&mut self, by: isize) {
        let count = self.looked_at().map_or(0, |run| run.sheets.len());
        self.sheets.step(by, count);
    }

    /// The epoch whose picture is shown.
    pub fn epoch_shown(&self) -> Option<usize> {
        let run = self.looked_at()?;
        self.sheets.shown(run).map(|sheet| sheet.epoch)
    }

    /// Where the curves stood in the last frame.
    pub fn place(&self) -> Option<egui::Rect> {
        self.plot.place()
    }

    /// The part of the curves' axis that is in view; none: all of it.
    pub fn view(&self) -> Option<(f64, f64)> {
        self.plot.view()
    }

    /// Looks for earlier runs in a folder.
    pub fn list(&mut self, folder: PathBuf, background: &Background) {
        let name = format!("listing {}", folder.display());
        self.listing = Some(background.run(name, move || Ok(earlier_runs(&folder))));
    }

    /// Reads what the run in `folder` was, which a job takes up again.
    fn resume(&mut self, job: JobId, folder: &Path, background: &Background) {
        let (name, folder) = (format!("reading {}", folder.display()), folder.to_owned());
        self.resuming.push((job, background.run(name, move || read_run(&folder))));
    }

    /// Takes in what was listed and read; an error where a resumed run's curves begin later than they should.
    pub fn poll(&mut self) -> Result<()> {
        if let Some(folders) = Pending::take_from(&mut self.listing) {
            self.earlier = folders?;
        }
        for (job, before) in Pending::take_all(&mut self.resuming) {
            let before = before?;
            if let Some(run) = self.runs.of_mut(job) {
                run.curve.precede(&before.points);
                before.sheets.into_iter().for_each(|sheet| run.add_sheet(sheet));
            }
        }
        Ok(())
    }

    /// Takes in a run that was read.
    pub fn read(&mut self, read: ReadRun) {
        self.runs.read(read, f64::from(self.options.smoothing));
    }

    /// Every curve as smooth as the options say.
    fn smooth(&mut self) {
        let factor = f64::from(self.options.smoothing);
        self.runs.all.iter_mut().for_each(|run| run.curve.smooth(factor));
    }
}
