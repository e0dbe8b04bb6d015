use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diffusion_lab::experiments::Recipe;
use diffusion_lab::models::DeviceChoice;
use diffusion_lab::worker::{Destination, Event, Job, JobId, Options, What, Worker};

fn recipe(prompt: &str, steps: usize) -> Recipe {
    let stage_2 = "none".to_owned();
    Recipe::new("sample").with(|recipe| {
        recipe.prompting.prompt = vec![prompt.to_owned()];
        recipe.sampling.steps = vec![steps];
        recipe.networks.stage_2 = stage_2;
    })
}

fn job(recipe: Recipe) -> Job {
    Job { recipe, destination: Destination::Nowhere }
}

fn is_end(what: &What) -> bool {
    matches!(what, What::Finished(_) | What::Failed(_) | What::Cancelled)
}

/// All events of a job up to its end.
fn events(worker: &Worker, id: JobId) -> Vec<What> {
    let mut said = Vec::new();
    loop {
        let Event { job, what } = worker.events().recv_timeout(Duration::from_secs(120)).unwrap();
        if job != id {
            continue;
        }
        let ends = is_end(&what);
        said.push(what);
        if ends {
            return said;
        }
    }
}

#[test]
fn a_job_tells_its_story_in_order() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let worker = Worker::spawn(Options::default(), move || {
        counter.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    let id = worker.submit(job(recipe("a cat", 4)));
    let said = events(&worker, id);
    assert!(matches!(said[0], What::Started));
    assert!(matches!(said[1], What::Loading(_)));
    let steps: Vec<_> =
        said.iter().filter_map(|what| if let What::Step(step) = what { Some(*step) } else { None }).collect();
    assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(steps.iter().map(|step| step.timestep).collect::<Vec<_>>(), [999, 749, 499, 249]);
    assert!(steps.windows(2).all(|pair| pair[0].fraction < pair[1].fraction) && steps[3].fraction == 1.0);
    assert_eq!(steps[3].left_secs, Some(0.0));
    assert!(matches!(said[said.len() - 2], What::Picture(_)) && matches!(said[said.len() - 1], What::Finished(_)));
    assert!(wakes.load(Ordering::Relaxed) >= said.len());
    assert!(worker.preview(id).is_some() && worker.preview(id).is_none(), "a preview is taken once");
}

#[test]
fn a_model_stays_loaded_between_jobs() {
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let (first, second) = (worker.submit(job(recipe("a cat", 1))), worker.submit(job(recipe("a dog", 1))));
    let loads = |said: Vec<What>| said.iter().filter(|what| matches!(what, What::Loading(_))).count();
    assert!(loads(events(&worker, first)) > 0);
    assert_eq!(loads(events(&worker, second)), 0);
}

/// Running or waiting, a cancelled job ends as cancelled, soon, and the next one runs.
#[test]
fn cancel_ends_a_job_within_a_step() {
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let long = worker.submit(job(recipe("a cat", 1000)));
    let waiting = worker.submit(job(recipe("a dog", 1000)));
    let after = worker.submit(job(recipe("a fish", 1)));
    worker.cancel(waiting);
    assert!(matches!(events(&worker, waiting)[..], [What::Cancelled]), "at once, and it never started");
    let mut step_secs = 0.0;
    loop {
        if let What::Step(step) = worker.events().recv().unwrap().what {
            step_secs = f64::max(step_secs, step.step_secs);
            if step.step == 3 {
                break;
            }
        }
    }
    let asked = Instant::now();
    worker.cancel(long);
    let said = events(&worker, long);
    let took = asked.elapsed().as_secs_f64();
    assert!(matches!(said.last(), Some(What::Cancelled)));
    assert!(took <= 3.0 * step_secs + 0.5, "{took} s after a step of {step_secs} s");
    assert!(matches!(events(&worker, after).last(), Some(What::Finished(_))));
}

/// A failed job leaves the worker as it was.
#[test]
fn a_failure_is_one_line_and_the_next_job_runs() {
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    let broken =
        worker.submit(job(recipe("a cat", 1).with(|recipe| recipe.networks.model = "/no/such/model".to_owned())));
    let next = worker.submit(job(recipe("a cat", 1)));
    let said = events(&worker, broken);
    let Some(What::Failed(error)) = said.last() else { panic!("{said:?}") };
    assert!(error.to_string().contains("/no/such/model") && !error.to_string().contains('\n'));
    assert!(matches!(events(&worker, next).last(), Some(What::Finished(_))));
}

/// A panic inside a job fails that job, never the program. The listener's closure runs inside the job, so it
/// can be the one that panics.
#[test]
fn a_panic_fails_its_job_alone() {
    let calls = AtomicUsize::new(0);
    let wake = move || assert!(calls.fetch_add(1, Ordering::Relaxed) != 3, "a test's own panic");
    let worker = Worker::spawn(Options::default(), wake).unwrap();
    let broken = worker.submit(job(recipe("a cat", 4)));
    let next = worker.submit(job(recipe("a cat", 1)));
    let said = events(&worker, broken);
    let Some(What::Failed(error)) = said.last() else { panic!("{said:?}") };
    assert!(error.to_string().contains("a test's own panic"), "{error}");
    assert!(matches!(events(&worker, next).last(), Some(What::Finished(_))));
}

/// The same pixels whatever the number of threads.
#[test]
fn threads_do_not_show() {
    let mut pictures = Vec::new();
    for threads in [1, 2, 3] {
        let worker = Worker::spawn(Options { threads: Some(threads), ..Options::default() }, || {}).unwrap();
        let id = worker.submit(job(recipe("a rocket ship", 3)));
        for what in events(&worker, id) {
            if let What::Picture(picture) = what {
                pictures.push(picture.pixels);
            }
        }
    }
    assert!(pictures[0] == pictures[1] && pictures[1] == pictures[2]);
}

/// A gallery keeps every picture: names never collide.
#[test]
fn a_gallery_gives_each_picture_the_next_name() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    for _ in 0..2 {
        let destination = Destination::Gallery(folder.path().to_owned());
        let id =
            worker.submit(Job { recipe: recipe("a cat", 1).with(|recipe| recipe.sampling.count = 2), destination });
        events(&worker, id);
    }
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["sample-000001.png", "sample-000002.png", "sample-000003.png", "sample-000004.png"]);
}

/// Another device is taken by the next job, which loads anew; one that is not there fails that job alone.
#[test]
fn a_device_is_chosen_between_jobs() {
    let worker = Worker::spawn(Options::default(), || {}).unwrap();
    assert_eq!(worker.device(), DeviceChoice::Auto);
    let loads = |said: &[What]| said.iter().any(|what| matches!(what, What::Loading(_)));
    let run = || events(&worker, worker.submit(job(recipe("a cat", 1))));
    assert!(loads(&run()));
    assert!(!loads(&run()), "what is loaded is kept");
    worker.set_device(DeviceChoice::Cpu);
    let said = run();
    assert!(loads(&said) && matches!(said.last(), Some(What::Finished(_))));
    for absent in [DeviceChoice::Cuda(0), DeviceChoice::Metal] {
        if DeviceChoice::here().iter().any(|(here, _)| *here == absent) {
            continue;
        }
        worker.set_device(absent);
        let Some(What::Failed(error)) = run().pop() else { panic!("{absent:?} is not here") };
        assert!(error.to_string().contains("--features"), "{error}");
    }
    worker.set_device(DeviceChoice::Auto);
    assert!(matches!(run().last(), Some(What::Finished(_))));
}
