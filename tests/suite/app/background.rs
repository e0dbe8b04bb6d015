//! The window's background threads: a panic, a thread that dies and a job that hangs cost their own job alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use diffusion_lab::app::background::{Latest, MOST_STUCK, Pending, Pool};
use diffusion_lab::error::{Error, Result};

use super::{Scripted, drop_file, scripted, until, window};
use crate::bad_files::WRONG_TABLES;
use crate::special_files::pipe;

const PATIENCE: Duration = Duration::from_millis(80);
const NEVER: Duration = Duration::from_secs(600);

/// The lane of what the window keeps, and that of all else.
const LANES: [usize; 2] = [1, 2];
const KEEPING: usize = 0;
const ALL_ELSE: usize = 1;

/// What jobs that hang wait for.
type Gate = Arc<(Mutex<bool>, Condvar)>;

fn add(pool: &Pool, lane: usize, number: u32) -> Pending<u32> {
    pool.run(lane, format!("adding to {number}"), None, move || Ok(number + 1))
}

fn panics() -> Result<u32> {
    panic!("out of bounds")
}

fn hang(pool: &Pool, gate: &Gate, number: u32) -> Pending<u32> {
    let gate = Arc::clone(gate);
    pool.run(ALL_ELSE, format!("hanging {number}"), None, move || {
        let (open, opened) = &*gate;
        drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
        Ok(number)
    })
}

fn open(gate: &Gate) {
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

/// What comes, sooner or later.
fn wait<T>(what: &str, mut next: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(come) = next() {
            return come;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn answer(pending: &Pending<u32>) -> Result<u32> {
    wait("an answer", || pending.take())
}

fn notice(pool: &Pool) -> String {
    wait("a line", || pool.notice()).to_string()
}

#[test]
fn a_panic_answers_its_job_and_the_next_are_answered_too() {
    // A panic's backtrace takes a while on a busy machine.
    let pool = Pool::spawn(&LANES, NEVER, || {});
    for number in 0..20 {
        let line = answer(&pool.run(ALL_ELSE, "counting".to_owned(), None, panics)).unwrap_err().to_string();
        assert!(line.contains("counting broke off: out of bounds"), "{line}");
        assert_eq!(answer(&add(&pool, ALL_ELSE, number)).unwrap(), number + 1);
    }
    let apart = pool.run_apart("asking".to_owned(), panics);
    assert!(answer(&apart).unwrap_err().to_string().contains("broke off"), "a dialog's thread as well");
    assert!(pool.notice().is_none(), "whoever asked says it");
}

/// Whatever kills a thread between two jobs: another takes its place.
#[test]
fn threads_that_die_come_back() {
    let deadly = Arc::new(AtomicBool::new(false));
    let wake = {
        let deadly = Arc::clone(&deadly);
        move || assert!(!deadly.swap(false, Ordering::Relaxed), "the thread dies here")
    };
    let pool = Pool::spawn(&LANES, NEVER, wake);
    for number in 0..10 {
        deadly.store(true, Ordering::Relaxed);
        assert_eq!(answer(&add(&pool, KEEPING, number)).unwrap(), number + 1, "the lane of one thread goes on");
    }
}

/// Two jobs hang on two threads: a line for each, the queue goes on, and what they bring in the end still counts.
#[test]
fn what_hangs_holds_nothing_up() {
    let gate = Gate::default();
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let pool = Pool::spawn(&LANES, PATIENCE, move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let late = [70, 71].map(|number| hang(&pool, &gate, number));
    assert_eq!(answer(&add(&pool, KEEPING, 1)).unwrap(), 2, "another lane does not wait at all");
    let next: Vec<_> = (0..10).map(|number| add(&pool, ALL_ELSE, number)).collect();
    let numbers: Vec<u32> = next.iter().map(|pending| answer(pending).unwrap()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    for line in [notice(&pool), notice(&pool)] {
        assert!(line.contains("hanging 7") && line.contains("takes longer than"), "{line}");
        assert!(line.contains("goes on without it"), "{line}");
    }
    assert!(late.iter().all(|pending| pending.take().is_none()));
    open(&gate);
    assert_eq!(late.map(|pending| answer(&pending).unwrap()), [70, 71]);
    // The last call comes after its answer.
    while wakes.load(Ordering::Relaxed) < 15 {
        std::thread::yield_now();
    }
    // As many threads as before, and none too many: the order of jobs shows nothing, but they are answered.
    let more: Vec<_> = (0..50).map(|number| add(&pool, ALL_ELSE, number)).collect();
    assert_eq!(more.iter().map(|pending| answer(pending).unwrap()).sum::<u32>(), (1..=50).sum::<u32>());
}

/// No more threads are left behind than stated; when one comes back, the queue goes on.
#[test]
fn threads_that_are_left_behind_are_few() {
    let gate = Gate::default();
    let pool = Pool::spawn(&LANES, PATIENCE, || {});
    let mut all: Vec<_> = (0..MOST_STUCK + 6).map(|_| hang(&pool, &gate, 7)).collect();
    all.push(add(&pool, ALL_ELSE, 1));
    // Each round two are found to hang; the last ones find no fresh thread, and are told that.
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.contains("too many of them")) {
        lines.push(notice(&pool));
    }
    assert!(lines.len() > MOST_STUCK && lines.len() <= MOST_STUCK + 2, "{}", lines.len());
    std::thread::sleep(PATIENCE * 3);
    lines.extend(std::iter::from_fn(|| pool.notice()).map(|line| line.to_string()));
    assert!(lines.len() <= MOST_STUCK + 2, "{}", lines.len());
    assert!(all.iter().all(|pending| pending.take().is_none()), "nothing was answered");
    assert_eq!(answer(&add(&pool, KEEPING, 4)).unwrap(), 5, "the session is saved all the same");
    open(&gate);
    let sum: u32 = all.iter().map(|pending| answer(pending).unwrap()).sum();
    assert_eq!(sum, 7 * (MOST_STUCK as u32 + 6) + 2);
}

/// What was asked about another thing is forgotten, also where it comes late; errors are said once.
#[test]
fn the_newest_question_is_answered() {
    let (gate, pool) = (Gate::default(), Pool::spawn(&LANES, NEVER, || {}));
    let mut latest = Latest::default();
    latest.follow("first", |_| hang(&pool, &gate, 1));
    latest.follow("second", |_| add(&pool, ALL_ELSE, 1));
    latest.follow("second", |_| panic!("it is asked already"));
    assert_eq!(wait("the answer", || latest.poll().map(|answer| *answer.unwrap())), 2);
    open(&gate);
    assert_eq!(answer(&add(&pool, KEEPING, 0)).unwrap(), 1);
    assert!(latest.poll().is_none() && latest.key() == Some(&"second") && latest.get() == Some(&2));
    latest.follow("third", |_| pool.run(ALL_ELSE, "failing".to_owned(), None, || Err(Error::new("no such thing"))));
    assert!(latest.get().is_none(), "what was known is forgotten");
    let said = wait("the error", || latest.poll().map(|answer| answer.unwrap_err().to_string()));
    assert_eq!(said, "no such thing");
    assert!(latest.poll().is_none() && latest.error().is_some());
    latest.know("fourth", 4);
    assert_eq!(latest.get(), Some(&4));
}

/// A pipe as source, a device, a tokenizer whose tables are wrong: each is said, and then all is as before.
#[test]
fn the_window_goes_on_after_every_bad_source() {
    let (home, _engine, mut harness) = scripted();
    let fifo = home.path().join("fifo.png");
    pipe(&fifo);
    let model = home.path().join("model");
    std::fs::create_dir_all(model.join("tokenizer")).expect("a folder");
    std::fs::write(model.join("model_index.json"), "{}").expect("a file");
    std::fs::write(model.join("tokenizer/tokenizer.json"), WRONG_TABLES).expect("a file");
    let says = |harness: &mut _, part: &str| {
        until(harness, part, |lab| lab.shared.toasts.texts().any(|text| text.contains(part)));
    };
    let source = |path: &std::path::Path| Some(diffusion_lab::experiments::Source::File(path.to_owned()));
    "edit".clone_into(&mut harness.state_mut().shared.session.panel);
    harness.state_mut().shared.session.recipe_mut().source.image = source(&fifo);
    says(&mut harness, "(it is a pipe)");
    harness.state_mut().shared.session.recipe_mut().source.image = source(std::path::Path::new("/dev/zero"));
    says(&mut harness, "(it is a device)");
    drop_file(&mut harness, &fifo);
    says(&mut harness, "Cannot read the file (it is a pipe)");
    harness.state_mut().shared.toasts.clear();
    "sample".clone_into(&mut harness.state_mut().shared.session.panel);
    let recipe = harness.state_mut().shared.session.recipe_mut();
    (recipe.networks.model, recipe.prompting.prompt) = (model.display().to_string(), vec!["a rocket".to_owned()]);
    says(&mut harness, "tables contradict each other");
    // Opening, listing and saving go on.
    let picture = home.path().join("picture.png");
    image::RgbImage::new(24, 24).save(&picture).expect("a picture");
    drop_file(&mut harness, &picture);
    until(&mut harness, "the picture", |lab| lab.shared.session.recipe().source.image.is_some());
    let gallery = home.path().join("gallery");
    std::fs::create_dir_all(&gallery).expect("a folder");
    std::fs::copy(&picture, gallery.join("one.png")).expect("a copy");
    harness.input_mut().focused = false;
    harness.step();
    harness.input_mut().focused = true;
    until(&mut harness, "the gallery", |lab| lab.gallery.paths.len() == 1);
    harness.state_mut().shared.session.recipe_mut().prompting.negative = "mud".to_owned();
    let file = home.path().join("session.json");
    until(&mut harness, "the session", |_| std::fs::read_to_string(&file).is_ok_and(|text| text.contains("mud")));
}

/// A session that names what would never end opens, says so, and can be worked with.
#[test]
fn a_session_that_names_a_device_opens() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut session = diffusion_lab::app::session::Session { panel: "inpaint".to_owned(), ..Default::default() };
    session.recipe_mut().source.image = Some(diffusion_lab::experiments::Source::File("/dev/zero".into()));
    session.recipe_mut().inpainting.mask = Some(diffusion_lab::experiments::Source::File("/dev/full".into()));
    session.save(&diffusion_lab::app::home::Home::at(home.path())).expect("a session");
    let mut harness = window(home.path(), Box::new(Scripted::default()));
    until(&mut harness, "the line", |lab| lab.shared.toasts.texts().any(|text| text.contains("/dev/zero")));
    until(&mut harness, "its mask's", |lab| lab.shared.toasts.texts().any(|text| text.contains("/dev/full")));
    harness.state_mut().shared.session.recipe_mut().prompting.negative = "mud".to_owned();
    let file = home.path().join("session.json");
    until(&mut harness, "the session", |_| std::fs::read_to_string(&file).is_ok_and(|text| text.contains("mud")));
}
