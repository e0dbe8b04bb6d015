//! The worker's own loop: one job at a time, each in a net that catches panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::Options;
use super::event::{Summary, What};
use super::files::Results;
use super::job::Queued;
use super::loaded::Loaded;
use super::observe::{JobObserver, Speaker};
use super::queue::Queue;
use super::speeds::Speeds;
use crate::error::{Error, Result};
use crate::experiments::{JobPlan, Observer, Run};
use crate::files::file_cut_short;
use crate::models::{DeviceChoice, device_name};

/// Niceness of background threads: enough that painting stays smooth with every core busy.
#[cfg(target_os = "linux")]
const BACKGROUND_NICENESS: i32 = 19;

/// What the names of compute threads begin with.
const COMPUTE: &str = "compute-";
/// The thread that owns the device and computes too.
const OWNER: &str = "compute-owner";

/// Works until the queue is closed.
pub fn work(options: Options, chosen: &Mutex<DeviceChoice>, queue: &Queue, speaker: &Speaker, speeds: &Mutex<Speeds>) {
    quiet_panics();
    let mut next = queue.next();
    while let Some(first) = next.take() {
        let options = Options { device: wanted(chosen), ..options };
        let id = first.id;
        let serve = || serve(options, first, chosen, queue, speaker, speeds);
        let ended = std::thread::scope(|scope| {
            let owner = std::thread::Builder::new().name(OWNER.to_owned()).spawn_scoped(scope, serve);
            owner.map(|owner| owner.join())
        });
        next = match ended {
            Ok(Ok(next)) => next,
            Ok(Err(_)) => queue.next(),
            Err(error) => {
                speaker.say(id, What::Failed(Error::new(format!("cannot start the device's thread ({error})"))));
                queue.next()
            }
        };
    }
}

fn wanted(chosen: &Mutex<DeviceChoice>) -> DeviceChoice {
    *chosen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Works on one device, beginning with the job `first`, until the queue is closed or a job wants another device: that job
/// is given back. Everything that lies on the device is made, used and dropped on this thread: a CUDA tensor that is
/// dropped on another is never freed, and fails the next call.
fn serve(
    options: Options,
    first: Queued,
    chosen: &Mutex<DeviceChoice>,
    queue: &Queue,
    speaker: &Speaker,
    speeds: &Mutex<Speeds>,
) -> Option<Queued> {
    let pool = compute_pool(options);
    let mut loaded = None;
    let mut queued = first;
    loop {
        let turn = Turn { options, queued: &queued, speaker, speeds };
        let ended = match &pool {
            Ok(_) => options.layout.scope(|| run_caught(&turn, &mut loaded)),
            Err(error) => Err(error.clone()),
        };
        let what = match ended {
            Ok(summary) => What::Finished(summary),
            Err(error) if error.is_cancelled() => What::Cancelled,
            Err(error) => What::Failed(error),
        };
        speaker.say(queued.id, what);
        queued = queue.next()?;
        if wanted(chosen) != options.device {
            return Some(queued);
        }
    }
}

/// One job, and what it runs with.
struct Turn<'a> {
    options: Options,
    queued: &'a Queued,
    speaker: &'a Speaker,
    speeds: &'a Mutex<Speeds>,
}

/// Runs one job; a panic becomes its error, and the device is opened anew for the next one.
fn run_caught(turn: &Turn<'_>, loaded: &mut Option<Loaded>) -> Result<Summary> {
    while file_cut_short().is_some() {} // before it, while the window listed files
    let ended = catch_unwind(AssertUnwindSafe(|| run(turn, loaded)));
    if let Some(file) = file_cut_short() {
        *loaded = None;
        return Err(Error::new("the file was cut short while it was read")
            .at(file)
            .hint("get it again, then try again"));
    }
    match ended {
        Ok(ended) => ended,
        Err(payload) => {
            *loaded = None;
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(Error::new(format!("the job broke off: {text}")).hint("please report this with the recipe"))
        }
    }
}

fn run(turn: &Turn<'_>, loaded: &mut Option<Loaded>) -> Result<Summary> {
    let Turn { options, queued, speaker, speeds } = *turn;
    let started = Instant::now();
    let (job, id) = (&queued.job, queued.id);
    if queued.control.is_cancelled() {
        return Err(Error::cancelled());
    }
    speaker.say(id, What::Started);
    let experiment = job.recipe.experiment()?;
    job.recipe.complete()?;
    let mut results = Results::open(&job.destination, &job.recipe)?;
    let loaded = match loaded {
        Some(loaded) => loaded,
        None => {
            let opened = Loaded::on(options.device, options.low_memory)?;
            // A thread that launches a GPU's kernels takes no time from the window, and must not wait for it.
            if options.background && opened.device().is_cpu() {
                lower_priority();
            }
            loaded.insert(opened)
        }
    };
    let device = loaded.device().clone();
    let observer = |results| JobObserver::new(speaker, id, queued.control.clone(), results);
    let (recipe, observer, outcome, load_secs) = match experiment.run {
        Run::Device(run) => {
            let recipe = job.recipe.resolved_alone()?.checked()?;
            let mut observer = observer(&mut results);
            let outcome = run(&recipe, &device, &mut observer)?;
            (recipe, observer, outcome, 0.0)
        }
        Run::Model(_) => {
            let model = loaded.model(&job.recipe, &mut |what| {
                speaker.say(id, What::Loading(what.to_owned()));
                if queued.control.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
            })?;
            let load_secs = started.elapsed().as_secs_f64();
            let summary = model.summary();
            let recipe = experiment.resolved(&job.recipe, &summary.recommendations)?.checked()?;
            let plan = JobPlan::of(&recipe, summary)?;
            let remembered = speeds.lock().unwrap_or_else(PoisonError::into_inner);
            let expected = remembered.secs_a_step(&recipe, &options, &plan);
            drop(remembered);
            let mut observer = observer(&mut results).expecting(expected);
            let outcome = experiment.start(&recipe, model, &mut observer);
            let mut speeds = speeds.lock().unwrap_or_else(PoisonError::into_inner);
            speeds.learn(&recipe, &options, observer.secs_a_picture(&plan));
            (recipe, observer, outcome?, load_secs)
        }
    };
    observer.check()?;
    let mut timings = observer.timings();
    timings.insert("load_secs".to_owned(), json!(load_secs));
    timings.insert("total_secs".to_owned(), json!(started.elapsed().as_secs_f64()));
    results.finish(&recipe, &outcome, with_place(timings, &device))?;
    Ok(Summary {
        pictures: results.picture_count(),
        files: results.files().to_vec(),
        seconds: started.elapsed().as_secs_f64(),
        figure: outcome.captions.into_iter().zip(outcome.figure.into_iter().map(Arc::new)).collect(),
    })
}

fn with_place(mut timings: Map<String, Value>, device: &candle_core::Device) -> Map<String, Value> {
    timings.insert("device".to_owned(), json!(device_name(device)));
    timings.insert("threads".to_owned(), json!(rayon::current_num_threads()));
    timings
}

/// A job's panic is told once, as that job's error, and not by the runtime as well.
fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = std::thread::current().name().is_some_and(|name| name.starts_with(COMPUTE));
            if !ours {
                loud(info);
            }
        }));
    });
}

/// The threads that tensor operations share while a job runs; the calling one is the first of them.
fn compute_pool(options: Options) -> Result<rayon::ThreadPool> {
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .use_current_thread()
        .thread_name(|index| format!("{COMPUTE}{index}"))
        .start_handler(move |_| {
            if options.background {
                lower_priority();
            }
        })
        .build()
        .map_err(|error| Error::new(format!("cannot start the compute threads ({error})")))
}

/// Lets the window's thread go first. On Linux a thread has a niceness of its own.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // SAFETY: the call takes three integers and touches no memory of ours; 0 means the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, BACKGROUND_NICENESS);
    }
}
