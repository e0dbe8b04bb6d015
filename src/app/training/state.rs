//! What the dashboard holds, and how it takes in what is read for it.

use std::path::{Path, PathBuf};

use super::browser::Browser;
use super::digits::Digits;
use super::epoch_samples::EpochSamplesView;
use super::files::{ReadRun, earlier_runs, read_run};
use super::heat::HeatView;
use super::options::Options;
use super::plot::PlotView;
use super::run::Run;
use super::runs::Runs;
use crate::app::background::{Background, Pending};
use crate::app::widgets::table::Sort;
use crate::error::Result;
use crate::worker::JobId;

/// The dashboard's state.
#[derive(Default)]
pub struct Training {
    /// The runs.
    pub runs: Runs,
    /// How the curves are drawn.
    pub options: Options,
    /// The digits that networks learn from, looked through.
    pub browser: Browser,
    /// The set of digits that is looked at.
    pub digits: Digits,
    /// Folders of earlier runs, newest first, as they were last listed.
    pub earlier: Vec<PathBuf>,
    /// The run that was chosen, by its colour.
    chosen: Option<usize>,
    pub(super) plot: PlotView,
    pub(super) heat: HeatView,
    pub(super) samples: EpochSamplesView,
    /// The order of the list of runs.
    pub(super) sort: Sort,
    /// What is typed as the learning rate.
    pub(super) rate: Option<String>,
    listing: Option<Pending<Vec<PathBuf>>>,
    /// What runs were before that jobs take up again.
    resuming: Vec<(JobId, Pending<ReadRun>)>,
}

impl Training {
    /// The dashboard, with the runs of earlier days that are in `folder`.
    pub fn new(folder: PathBuf, background: &Background) -> Self {
        let mut training = Self::default();
        training.list(folder, background);
        training
    }

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
    pub fn step_samples(&mut self, by: isize) {
        let count = self.looked_at().map_or(0, |run| run.samples.len());
        self.samples.step(by, count);
    }

    /// The epoch whose picture is shown.
    pub fn epoch_shown(&self) -> Option<usize> {
        let run = self.looked_at()?;
        self.samples.shown(run).map(|samples| samples.epoch)
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
    pub(super) fn resume(&mut self, job: JobId, folder: &Path, background: &Background) {
        let (name, folder) = (format!("reading {}", folder.display()), folder.to_owned());
        self.resuming.push((job, background.run(name, move || read_run(&folder))));
    }

    /// Takes in what was listed and read; an error where a resumed run's curves begin later than they should.
    pub fn poll(&mut self) -> Result<()> {
        self.digits.poll();
        if let Some(folders) = Pending::take_from(&mut self.listing) {
            self.earlier = folders?;
        }
        for (job, before) in Pending::take_all(&mut self.resuming) {
            let before = before?;
            if let Some(run) = self.runs.of_mut(job) {
                run.curve.precede(&before.points);
                before.samples.into_iter().for_each(|samples| run.add_samples(samples));
            }
        }
        Ok(())
    }

    /// Takes in a run that was read.
    pub fn read(&mut self, read: ReadRun) {
        self.runs.read(read, f64::from(self.options.smoothing));
    }

    /// Every curve as smooth as the options say.
    pub(super) fn smooth(&mut self) {
        let factor = f64::from(self.options.smoothing);
        self.runs.all.iter_mut().for_each(|run| run.curve.smooth(factor));
    }
}
