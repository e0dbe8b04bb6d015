//! Threads that cannot be lost. They take jobs in order; a panic becomes the answer to its job, a thread that ends is
//! replaced, and one that is stuck (a network disk that hangs) is left behind with a line while a fresh one goes on with
//! the queue. What a thread that was left behind brings in the end still counts.
//!
//! Jobs of one lane never wait for those of another. A lane of one thread keeps their order, until it is stuck.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::pending::{Pending, Token};
use crate::error::{Error, Result};

/// The most threads of a lane that are left behind; after them its queue waits.
pub const MOST_STUCK: usize = 8;

/// Hands an answer to who waits for it.
type Deliver = Box<dyn FnOnce() + Send>;

/// What a thread does; may take long.
struct Job {
    name: String,
    work: Box<dyn FnOnce() -> Deliver + Send>,
}

impl Job {
    /// A job and what will be its answer: what went wrong, where it panics.
    fn new<T, F>(name: String, token: Option<Token>, work: F) -> (Self, Pending<T>)
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let (answer, pending) = Pending::channel();
        let broken = name.clone();
        let work = Box::new(move || -> Deliver {
            let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(broke_off(&broken, &*panic)));
            // Whoever asked may have asked for something else since.
            Box::new(move || drop(answer.send((done, token))))
        });
        (Self { name, work }, pending)
    }
}

fn broke_off(name: &str, panic: &(dyn Any + Send)) -> Error {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::new(format!("{name} broke off: {said}")).hint("please report this with the file")
}

/// The window's end of the threads. They end with it, but for those that are stuck.
pub struct Pool {
    shared: Arc<Shared>,
    queues: Vec<Sender<(u64, Job)>>,
    notices: Receiver<Error>,
    next: AtomicU64,
}

struct Shared {
    lanes: Vec<Lane>,
    notices: Sender<Error>,
    wake: Box<dyn Fn() + Send + Sync>,
    patience: Duration,
    /// Rung when a job begins, so that the watch sleeps while there is none.
    bell: Sender<()>,
    closed: AtomicBool,
}

struct Lane {
    queue: Receiver<(u64, Job)>,
    wanted: usize,
    state: Mutex<State>,
}

/// The threads of a lane.
#[derive(Default)]
struct State {
    /// Those that are not stuck.
    threads: usize,
    stuck: usize,
    busy: BTreeMap<u64, Busy>,
}

struct Busy {
    since: Instant,
    name: String,
    stuck: bool,
}

impl Pool {
    /// Starts so many threads for each lane. A job is stuck after `patience`; `wake` is called after each answer.
    pub fn spawn(lanes: &[usize], patience: Duration, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let lane = |&wanted: &usize| {
            let (sender, queue) = unbounded();
            (sender, Lane { queue, wanted, state: Mutex::default() })
        };
        let (queues, lanes) = lanes.iter().map(lane).unzip();
        let ((own, notices), (bell, rung)) = (unbounded(), bounded(1));
        let closed = AtomicBool::new(false);
        let shared = Arc::new(Shared { lanes, notices: own, wake: Box::new(wake), patience, bell, closed });
        (0..shared.lanes.len()).for_each(|lane| shared.fill(lane));
        let watching = Arc::clone(&shared);
        // Without it nothing is ever taken for stuck; all else works.
        let _ = std::thread::Builder::new().name("background-watch".to_owned()).spawn(move || watching.watch(&rung));
        Self { shared, queues, notices, next: AtomicU64::new(0) }
    }

    /// Puts a job at the end of a lane. `name` says it in messages: `reading x.png`. The token is given back with the
    /// answer.
    pub fn run<T, F>(&self, lane: usize, name: String, token: Option<Token>, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let (job, pending) = Job::new(name, token, job);
        // The pool holds the other end too.
        let _ = self.queues[lane].send((self.next.fetch_add(1, Ordering::Relaxed), job));
        self.shared.fill(lane); // where no thread could be started before
        pending
    }

    /// Does a job on a thread of its own, however long it takes: one that waits for a person or for the net.
    pub fn run_apart<T, F>(&self, name: String, job: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let (job, pending) = Job::new(name, None, job);
        let shared = Arc::clone(&self.shared);
        let apart = move || {
            (job.work)()();
            (shared.wake)();
        };
        match std::thread::Builder::new().name("background-apart".to_owned()).spawn(apart) {
            Ok(_) => pending,
            Err(error) => Pending::answered(Err(Error::new(format!("cannot start a thread ({error})")))),
        }
    }

    /// The next thing to say that answers no job.
    pub fn notice(&self) -> Option<Error> {
        self.notices.try_recv().ok()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        let _ = self.shared.bell.try_send(());
    }
}

impl Shared {
    /// Starts threads until the lane has as many as it should that are not stuck.
    fn fill(self: &Arc<Self>, number: usize) {
        let lane = &self.lanes[number];
        let mut state = lock(&lane.state);
        while state.threads < lane.wanted && state.stuck <= MOST_STUCK {
            let shared = Arc::clone(self);
            let work = move || shared.run(&mut Place { shared: &shared, lane: number, counted: true });
            if std::thread::Builder::new().name(format!("background-{number}")).spawn(work).is_err() {
                return; // tried again at the next job
            }
            state.threads += 1;
        }
    }

    /// A thread's life: jobs until there can be no more, or until another has taken its place.
    fn run(&self, place: &mut Place<'_>) {
        let lane = &self.lanes[place.lane];
        while let Ok((number, Job { name, work })) = lane.queue.recv() {
            lock(&lane.state).busy.insert(number, Busy { since: Instant::now(), name, stuck: false });
            let _ = self.bell.try_send(());
            let deliver = work();
            {
                let mut state = lock(&lane.state);
                if state.busy.remove(&number).is_some_and(|busy| busy.stuck) {
                    state.stuck -= 1;
                    // Back to work, where no other took its place.
                    place.counted = state.threads < lane.wanted;
                    state.threads += usize::from(place.counted);
                }
            }
            deliver();
            (self.wake)();
            if !place.counted {
                return;
            }
        }
    }

    /// Looks for jobs that take too long while there are any.
    fn watch(self: &Arc<Self>, rung: &Receiver<()>) {
        while rung.recv().is_ok() && !self.closed.load(Ordering::Relaxed) {
            while self.any_to_watch() && !self.closed.load(Ordering::Relaxed) {
                std::thread::sleep(self.patience / 4);
                (0..self.lanes.len()).for_each(|lane| self.leave_stuck(lane));
            }
        }
    }

    fn any_to_watch(&self) -> bool {
        self.lanes.iter().any(|lane| lock(&lane.state).busy.values().any(|busy| !busy.stuck))
    }

    fn leave_stuck(self: &Arc<Self>, number: usize) {
        let mut lines = Vec::new();
        {
            let mut state = lock(&self.lanes[number].state);
            let State { threads, stuck, busy } = &mut *state;
            for busy in busy.values_mut().filter(|busy| !busy.stuck && busy.since.elapsed() >= self.patience) {
                busy.stuck = true;
                *threads = threads.saturating_sub(1);
                *stuck += 1;
                let line = format!("{} takes longer than {} s", busy.name, self.patience.as_secs());
                lines.push(Error::new(line).hint(match *stuck <= MOST_STUCK {
                    true => "all else goes on without it: is its disk or network there?",
                    false => "too many of them wait for a disk or network: start the program again",
                }));
            }
        }
        if !lines.is_empty() {
            self.fill(number);
        }
        for line in lines {
            // The window may be gone.
            let _ = self.notices.send(line);
            (self.wake)();
        }
    }
}

/// A thread's place in its lane, which another takes when it dies.
struct Place<'a> {
    shared: &'a Arc<Shared>,
    lane: usize,
    /// Whether it is one of the lane's threads that are not stuck.
    counted: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.counted {
            let mut state = lock(&self.shared.lanes[self.lane].state);
            state.threads = state.threads.saturating_sub(1);
        }
        if std::thread::panicking() {
            self.shared.fill(self.lane);
        }
    }
}

/// A panic elsewhere leaves these counts whole, so a poisoned lock is used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
