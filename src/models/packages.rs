//! What can be fetched from the hub by name: the stages of DeepFloyd IF, its text encoder in three sizes, the whole cascades
//! made of them, and models of the open families. Only what is used is ever fetched: no safety checker, no watermark, no second copy of
//! the weights in another format.

use candle_core::DType;

use super::deepfloyd::Published;
use super::memory::Need;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::files::hub::{Hub, Listing, Pace, snapshot};
use crate::weights::{Weights, weight_files_among};

/// Something that can be fetched.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// Its name for `models fetch`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// What it consists of.
    pub parts: &'static [Part],
    /// Bytes to fetch, about.
    pub bytes: u64,
    /// Its licence, where it is a whole model of an open family, which `--model` takes by the package's name.
    pub open: Option<&'static str>,
}

/// Files of one repository.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// OWNER/NAME on the hub.
    pub repository: &'static str,
    /// The network whose UNet and schedulers are wanted, if any.
    pub network: Option<Published>,
    /// The folders that are wanted of it; an empty name is the repository's own.
    pub components: &'static [&'static str],
    /// The only file that is wanted, where it is one.
    pub file: Option<&'static str>,
}

const fn stage(network: Published) -> Part {
    let components = &["unet", "scheduler", "image_noising_scheduler"];
    Part { repository: network.facts().repository, network: Some(network), components, file: None }
}

const fn folders(repository: &'static str, components: &'static [&'static str]) -> Part {
    Part { repository, network: None, components, file: None }
}

const T5: Part = folders(Published::IM.facts().repository, &["text_encoder", "tokenizer"]);

/// All that a Stable Diffusion draws with.
const LATENT: &[&str] = &["unet", "vae", "text_encoder", "tokenizer", "scheduler"];

/// A tiny autoencoder for previews.
const TAESD: Part = folders("madebyollin/taesd", &[""]);

/// Folders without which there is no model: those with weights.
const WEIGHTS: [&str; 4] = ["", "unet", "vae", "text_encoder"];

const OPEN_RAIL: &str = "CreativeML OpenRAIL-M";
const APACHE: &str = "Apache-2.0";

/// The licence of which whoever uses a model should know that it restricts what may be done.
const STABILITY: &str = "Stability AI Community Licence";

/// The text encoder in one file, in several sizes; its words come along.
pub(super) const QUANTISED: &str = "city96/t5-v1_1-xxl-encoder-gguf";

const fn gguf(file: &'static str) -> Part {
    Part { repository: QUANTISED, network: None, components: &[], file: Some(file) }
}

const MB: u64 = 1_000_000;

const fn package(name: &'static str, sentence: &'static str, parts: &'static [Part], bytes: u64) -> Package {
    Package { name, sentence, parts, bytes, open: None }
}

/// A whole model of an open family.
const fn open(
    name: &'static str,
    sentence: &'static str,
    parts: &'static [Part],
    bytes: u64,
    licence: &'static str,
) -> Package {
    Package { open: Some(licence), ..package(name, sentence, parts, bytes) }
}

/// One of google's DDPMs of 256 px.
const fn ddpm(name: &'static str, sentence: &'static str, parts: &'static [Part]) -> Package {
    open(name, sentence, parts, 455 * MB, APACHE)
}

/// One published network by itself.
const fn alone(network: Published, parts: &'static [Part]) -> Package {
    let facts = network.facts();
    package(facts.package, facts.sentence, parts, facts.bytes)
}

/// Everything that can be fetched.
pub static PACKAGES: &[Package] = &[
    package(
        "deepfloyd-m",
        "the medium cascade to 256 px with its text encoder",
        &[stage(Published::IM), stage(Published::IIM), T5],
        13_210 * MB,
    ),
    package(
        "deepfloyd-l",
        "the large cascade to 256 px, the course's, with its text encoder",
        &[stage(Published::IL), stage(Published::IIL), T5],
        15_900 * MB,
    ),
    package(
        "deepfloyd-xl",
        "the largest cascade to 256 px with its text encoder",
        &[stage(Published::IXl), stage(Published::IIL), T5],
        22_640 * MB,
    ),
    alone(Published::IM, &[stage(Published::IM)]),
    alone(Published::IL, &[stage(Published::IL)]),
    alone(Published::IXl, &[stage(Published::IXl)]),
    alone(Published::IIM, &[stage(Published::IIM)]),
    alone(Published::IIL, &[stage(Published::IIL)]),
    package("t5", "the text encoder T5 XXL as DeepFloyd IF has it, in halves", &[T5], 11_540 * MB),
    package("t5-q8", "the same in 8 bits", &[gguf("t5-v1_1-xxl-encoder-Q8_0.gguf")], 5060 * MB),
    package("t5-q4", "the same in 4 bits", &[gguf("t5-v1_1-xxl-encoder-Q4_K_M.gguf")], 2900 * MB),
    open(
        "sd-1.5",
        "Stable Diffusion 1.5, photographs and paintings of 512 px from prompts",
        &[folders("stable-diffusion-v1-5/stable-diffusion-v1-5", LATENT), TAESD],
        2150 * MB,
        OPEN_RAIL,
    ),
    open(
        "sd-turbo",
        "Stable Diffusion 2.1 distilled to one step, 512 px",
        &[folders("stabilityai/sd-turbo", LATENT), TAESD],
        2600 * MB,
        STABILITY,
    ),
    open(
        "lcm",
        "a latent consistency model, 512 to 768 px in four steps",
        &[folders("SimianLuo/LCM_Dreamshaper_v7", LATENT), TAESD],
        4280 * MB,
        "MIT",
    ),
    open(
        "mini-sd",
        "Stable Diffusion 1.4 for 256 px, a quarter of the work",
        &[folders("lambdalabs/miniSD-diffusers", LATENT), TAESD],
        4280 * MB,
        OPEN_RAIL,
    ),
    ddpm("faces-256", "faces of 256 px, told nothing (CelebA-HQ)", &[folders("google/ddpm-celebahq-256", &[""])]),
    ddpm("church-256", "churches of 256 px, told nothing (LSUN)", &[folders("google/ddpm-church-256", &[""])]),
    ddpm("bedroom-256", "bedrooms of 256 px, told nothing (LSUN)", &[folders("google/ddpm-bedroom-256", &[""])]),
    ddpm("cat-256", "cats of 256 px, told nothing (LSUN)", &[folders("google/ddpm-cat-256", &[""])]),
    open(
        "imagenet-64",
        "a consistency model, one of a thousand classes at 64 px in one step",
        &[folders("openai/diffusers-cd_imagenet64_l2", &["unet", "scheduler"])],
        1180 * MB,
        "MIT",
    ),
];

/// How far a fetch is.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetching {
    /// The repository and the file that comes now.
    pub file: String,
    /// Bytes of all files that are here.
    pub bytes: u64,
    /// Bytes of all files.
    pub of: u64,
    /// Bytes a second, over the last seconds.
    pub bytes_per_sec: f64,
}

impl Fetching {
    /// Seconds until the end, at this speed.
    pub fn left_secs(&self) -> Option<f64> {
        (self.bytes_per_sec > 0.0).then(|| self.of.saturating_sub(self.bytes) as f64 / self.bytes_per_sec)
    }

    /// Part that is done, 0 to 1.
    pub fn fraction(&self) -> f32 {
        if self.of == 0 { 0.0 } else { (self.bytes as f64 / self.of as f64) as f32 }
    }
}

/// The package called `name`, or the one stage of the repository of that name.
pub fn find_package(name: &str) -> Result<&'static Package> {
    let of_repository =
        |package: &&Package| matches!(package.parts, [part] if part.network.is_some() && part.repository == name);
    let found = PACKAGES.iter().find(|package| package.name == name.to_lowercase());
    let of_model = |package: &&Package| package.model() == Some(name);
    let found = found.or_else(|| PACKAGES.iter().find(of_repository)).or_else(|| PACKAGES.iter().find(of_model));
    found.ok_or_else(|| {
        let names: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
        Error::arguments(format!("nothing to fetch is called `{name}`"))
            .hint(format!("choose from {}", names.join(", ")))
    })
}

impl Package {
    /// Whether all of it is on this machine.
    pub fn is_here(&self, hub: &Hub) -> bool {
        self.parts.iter().all(|part| part.is_here(hub))
    }

    /// The memory that its networks take on the processor; nothing for a text encoder, which is streamed.
    pub fn need(&self) -> Option<Need> {
        let networks = self.parts.iter().filter_map(|part| part.network);
        let needs: Vec<Need> =
            networks.filter_map(|network| Some(Need::of(&network.config().ok()?, DType::F32))).collect();
        (!needs.is_empty()).then(|| Need::sum(&needs))
    }

    /// The page with the licence that is to be read and accepted before; none where the files are free.
    pub fn licence(&self) -> Option<&'static str> {
        let asks = |repository: &&str| repository.starts_with("DeepFloyd/") || self.open == Some(STABILITY);
        self.parts.iter().map(|part| part.repository).find(asks)
    }

    /// The repository with the model that `--model` means by its name, where it is of an open family.
    pub fn model(&self) -> Option<&'static str> {
        self.open.and(self.parts.first()).map(|part| part.repository)
    }

    /// Fetches what is not here. `heard` hears how far it is; its error ends the work, and a later fetch goes on.
    pub fn fetch(&self, hub: &Hub, heard: &mut dyn FnMut(&Fetching) -> Result<()>) -> Result<()> {
        let mut plans: Vec<Plan> = Vec::new();
        for part in self.parts {
            let listing = hub.list(part.repository)?;
            let files = part.files(&listing)?;
            plans.push(Plan { repository: part.repository, commit: listing.commit, files });
        }
        let of = plans.iter().flat_map(|plan| &plan.files).map(|(_, bytes)| bytes).sum();
        let (mut done, mut pace): (u64, Option<Pace>) = (0, None);
        for plan in &plans {
            for (path, bytes) in &plan.files {
                hub.fetch(plan.repository, &plan.commit, path, &mut |here, _| {
                    let bytes = done + here;
                    let bytes_per_sec = pace.get_or_insert_with(|| Pace::from(bytes)).bytes_per_sec(bytes);
                    heard(&Fetching { file: format!("{}/{path}", plan.repository), bytes, of, bytes_per_sec })
                })?;
                done += bytes;
                pace = None;
            }
            hub.finish(plan.repository, &plan.commit)?;
        }
        Ok(())
    }
}

/// What is fetched of one repository: paths and lengths.
struct Plan {
    repository: &'static str,
    commit: String,
    files: Vec<(String, u64)>,
}

impl Part {
    /// The components that have weights.
    fn weighty(&self) -> impl Iterator<Item = &'static str> {
        self.components.iter().copied().filter(|component| WEIGHTS.contains(component))
    }

    fn is_here(&self, hub: &Hub) -> bool {
        let Some(folder) = hub_folder(hub, self.repository) else { return false };
        match self.file {
            Some(file) => folder.has(file),
            None => {
                let part = |name: &str| if name.is_empty() { Some(folder.clone()) } else { folder.subfolder(name) };
                let whole = |name: &str| part(name).is_some_and(|part| Weights::open(&part).is_ok());
                self.weighty().all(whole)
            }
        }
    }

    /// The files that are wanted of those that are listed.
    fn files(&self, listing: &Listing) -> Result<Vec<(String, u64)>> {
        let named = |path: &str| listing.files.iter().find(|file| file.path == path);
        let mut wanted: Vec<String> = Vec::new();
        if let Some(file) = self.file {
            wanted.push(file.to_owned());
        } else {
            if !self.components.contains(&"") {
                wanted.push("model_index.json".to_owned());
            }
            for component in self.components {
                wanted.extend(component_files(listing, component));
            }
        }
        let missing = |path: &str| {
            Error::new(format!("the hub's repository has no {path}"))
                .at(self.repository)
                .hint("it may have been changed; fetch it with `hf download`, or give a folder")
        };
        let has_weights = |component: &str| {
            let inside = |path: &String| within(component, path).is_some_and(|name| is_weights(&name));
            wanted.iter().any(inside)
        };
        if let (None, Some(component)) = (self.file, self.weighty().find(|component| !has_weights(component))) {
            let separator = if component.is_empty() { "" } else { "/" };
            return Err(missing(&format!("{component}{separator}*.safetensors")));
        }
        let sized = |path: String| {
            let file = named(&path).ok_or_else(|| missing(&path))?;
            Ok((path, file.bytes.unwrap_or(0)))
        };
        wanted.into_iter().map(sized).collect()
    }
}

/// The small files of a component, and its weights in one format.
fn component_files(listing: &Listing, component: &str) -> Vec<String> {
    let names: Vec<String> = listing.files.iter().filter_map(|file| within(component, &file.path)).collect();
    let is_index = |name: &str| name.contains(".index.");
    let small = |name: &&String| {
        let text = name.ends_with(".json") && !is_index(name);
        text || ["spiece.model", "merges.txt"].contains(&name.as_str())
    };
    let chosen = names.iter().filter(small).cloned().chain(weight_files_among(&names));
    let separator = if component.is_empty() { "" } else { "/" };
    chosen.map(|name| format!("{component}{separator}{name}")).collect()
}

/// The name of the file at `path` in the folder of `component`; nothing where it is elsewhere.
fn within(component: &str, path: &str) -> Option<String> {
    let name = if component.is_empty() { path } else { path.strip_prefix(component)?.strip_prefix('/')? };
    (!name.contains('/')).then(|| name.to_owned())
}

fn is_weights(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".bin")
}

fn hub_folder(hub: &Hub, repository: &str) -> Option<Folder> {
    Folder::open(snapshot(hub.cache(), repository)?).ok()
}
