//! The lessons, in the order of the course: what to know, what to do, what to look for, and a question whose answer one has
//! seen by then. Each opens settings of its own; it is done once they have run.

use crate::experiments::{Axis, Recipe, preset};

/// One lesson.
pub struct Lesson {
    /// Its name in the session's file.
    pub id: &'static str,
    /// The part of the course.
    pub part: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What to know.
    pub text: &'static str,
    /// What to look for.
    pub look: &'static str,
    /// A question.
    pub question: &'static str,
    /// Its answer.
    pub answer: &'static str,
    /// The settings that it opens.
    pub recipe: fn() -> Recipe,
}

const PICTURES: &str = "Noise and pictures";
const ILLUSIONS: &str = "Illusions";
const DIGITS: &str = "Digits from scratch";
const WHY: &str = "Why it works";

/// The recipe of a preset that the course is sure to have.
fn of(name: &str) -> Recipe {
    preset(name).map_or_else(|| Recipe::new("sample"), |preset| (preset.recipe)())
}

/// One prompt and seed in stage I alone, with a setting's values side by side.
fn side_by_side(prompt: &str, across: &str) -> Recipe {
    Recipe::new("sample").with(|recipe| {
        recipe.prompting.prompt = vec![prompt.to_owned()];
        recipe.sampling.steps = vec![20];
        recipe.networks.stage_2 = "none".to_owned();
        recipe.grid.x = across.parse::<Axis>().ok();
    })
}

/// Every lesson.
pub static LESSONS: &[Lesson] = &[
    Lesson {
        id: "noise",
        part: PICTURES,
        title: "A picture sinks into noise",
        text: "Diffusion begins by destroying. At timestep t a picture x₀ becomes x = √ᾱ x₀ + √(1−ᾱ) ε: less of the \
               picture, more of the noise ε. The curve below the pictures is ᾱ; drag its handles.",
        look: "Drag a handle slowly to the right. Which things go first, edges or large shapes? Point at ᾱ and SNR to read \
               what they are.",
        question: "At which SNR can you no longer tell what is on the picture?",
        answer: "For most people somewhere between −10 and −15 dB: a tenth of the power is enough to see large shapes. That is \
                 why a network can decide on them so early.",
        recipe: || of("a1.1"),
    },
    Lesson {
        id: "blur",
        part: PICTURES,
        title: "Blur is not enough",
        text: "The old way against noise is a blur: a mean over neighbours. It trades noise for edges. The network instead has \
               seen many pictures and says which noise is likely; one step takes it all away at once.",
        look: "Compare the blur with the one-step picture by their PSNR in the captions, at each of the three timesteps.",
        question: "Why is the one-step picture blurred too where there was much noise?",
        answer: "Many pictures would fit what is left. The network answers with their mean, and a mean of many sharp pictures \
                 is blurred.",
        recipe: || of("a1.2"),
    },
    Lesson {
        id: "steps",
        part: PICTURES,
        title: "Many small steps",
        text: "Instead of believing the estimate x̂₀ at once, sampling goes a little of the way, looks again and corrects \
               itself. Each look is at less noise, so each estimate is sharper.",
        look: "When it is done, drag the slider under the pictures through the steps and watch x̂₀; then choose All.",
        question: "The iterative picture is sharper than the one-step one. Is its PSNR higher as well?",
        answer: "Often it is lower. It commits to one sharp picture, which is not the true one; the blurred mean is nearer to \
                 the truth on average, and looks worse.",
        recipe: || of("a1.4"),
    },
    Lesson {
        id: "unguided",
        part: PICTURES,
        title: "From noise alone",
        text: "If the loop begins at the very end of the schedule, there is no picture to come back to: whatever comes is \
               invented. Every seed is another picture.",
        look: "Ten pictures from ten seeds, with γ = 1: the network taken at its word.",
        question: "What decides what each picture shows?",
        answer: "The noise it began with, through the seed, and the fresh noise of each step. The prompt hardly does at γ = 1.",
        recipe: || of("a1.5"),
    },
    Lesson {
        id: "guidance",
        part: PICTURES,
        title: "Guidance",
        text: "Ask the network twice, with the prompt and without, and go further in the direction in which they differ: \
               ε = ε(nothing) + γ (ε(prompt) − ε(nothing)).",
        look: "The same seeds as before, now with γ = 7. Click γ to read what it is. Then try 1, 3 and 15.",
        question: "What gets better with γ, and what gets worse?",
        answer: "Each picture is clearer and fits the prompt; together they are more alike, and far up colours burn out.",
        recipe: || of("a1.6"),
    },
    Lesson {
        id: "edit",
        part: PICTURES,
        title: "Half a journey",
        text: "Noise a picture only so far and come back from there: what survives the noise survives in the result. The start \
               is how much is thrown away (SDEdit).",
        look: "Six starts from much noise to little, beside the original: where does the result begin to be the same thing?",
        question: "What survives longest?",
        answer: "Large areas of colour and the layout, for they are the last that noise hides.",
        recipe: || of("a1.7"),
    },
    Lesson {
        id: "drawing",
        part: PICTURES,
        title: "Draw it yourself",
        text: "The source may be a scribble: the network keeps its layout and makes a picture of it. Paint on the canvas, choose \
               a start, generate.",
        look: "Flat colours with a few shapes do better than thin lines. Watch how a later start keeps more of your hand.",
        question: "Why do thin lines vanish?",
        answer: "They are fine detail: a little noise hides them, and the network fills in what is likely there.",
        recipe: || of("a1.7.1"),
    },
    Lesson {
        id: "inpaint",
        part: PICTURES,
        title: "Only a part of it",
        text: "After each step everything outside the mask is put back as it was, noised to the same t. Inside, the network is \
               free, but it sees the surroundings and has to fit them.",
        look: "Paint over something and generate. The live picture shows the kept surroundings with the new part growing in them.",
        question: "What would happen if the surroundings were put back without noise?",
        answer: "The network would see a clean picture around noise, which it never saw in training; borders fit less well. \
                 Under Around the mask you can try it.",
        recipe: || of("a1.7.2"),
    },
    Lesson {
        id: "anagram",
        part: ILLUSIONS,
        title: "Two pictures in one",
        text: "Turn x upside down, ask what a second prompt sees there, turn its answer back, and take the mean of both noises. \
               The picture then has to satisfy both at every step.",
        look: "When it is done, press Turn. Both readings share every pixel.",
        question: "Why must the turning not mix pixels?",
        answer: "The turned noise has to look like noise to the network. A permutation or a change of sign keeps it Gaussian; a \
                 blur would not.",
        recipe: || of("a1.8"),
    },
    Lesson {
        id: "hybrid",
        part: ILLUSIONS,
        title: "Near and far",
        text: "Take the low frequencies of one prompt's noise and the high ones of another's. From afar the eye sees only the \
               first.",
        look: "Press Squint, or walk away from the screen.",
        question: "Where should the border between low and high lie?",
        answer: "Where the eye's resolution ends at your distance: a larger σ gives more to the near picture.",
        recipe: || of("a1.9"),
    },
    Lesson {
        id: "digit-noise",
        part: DIGITS,
        title: "Digits in noise",
        text: "From here on everything is small enough to train at home: 28×28 digits. First noise without a schedule, \
               z = x + σ ε.",
        look: "At which σ do you still read the digit?",
        question: "How is this other than the noise of the first lesson?",
        answer: "There the picture faded as the noise grew, so that the whole kept its size; here noise is only added.",
        recipe: || of("b1.1"),
    },
    Lesson {
        id: "digit-denoise",
        part: DIGITS,
        title: "One step, one network",
        text: "This small network was trained on noise of σ = 0.5 alone, to give the clean digit back in one step. Here it is \
               asked about other strengths.",
        look: "Where is it best, and how does it fail beyond?",
        question: "What would it make of noise alone?",
        answer: "The mean of all digits: with nothing to go by, that is the answer with the smallest squared error. The preset \
                 B1.3 shows it.",
        recipe: || of("b1.2-denoise"),
    },
    Lesson {
        id: "digit-train",
        part: DIGITS,
        title: "Train it yourself",
        text: "The network that draws digits is told the time, and learns one thing: which noise is in this picture. Train it and \
               watch the loss fall; pause whenever you like.",
        look: "The heat map: at which times is the loss large, and where does it fall last?",
        question: "Why is the loss largest at small t?",
        answer: "There is hardly any noise to be seen, and yet it is to be named exactly; at large t nearly all of x is noise, and \
                 copying it is nearly right.",
        recipe: || of("b2.1").with(|recipe| recipe.training.epochs = Some(1)),
    },
    Lesson {
        id: "digit-sample",
        part: DIGITS,
        title: "Digits on demand",
        text: "With the class told too, and forgotten in a tenth of the examples, one network knows both ε(class) and \
               ε(nothing): guidance for digits.",
        look: "Four of each digit at γ 5. Try 0 and 1 as well.",
        question: "What does γ = 0 draw?",
        answer: "Any digit: the class is not used.",
        recipe: || of("b2.2-sample"),
    },
    Lesson {
        id: "flow",
        part: DIGITS,
        title: "A straight way",
        text: "Flow matching learns the velocity of a straight line from noise to digit, and sampling walks along it in even \
               steps.",
        look: "Go through the steps: the digit appears sooner than with DDPM. Then set Steps to 10.",
        question: "Why does it need fewer steps?",
        answer: "A straight way can be walked in long strides; a bent one cannot.",
        recipe: || of("b2.3-sample"),
    },
    Lesson {
        id: "digit-score",
        part: DIGITS,
        title: "How good are they?",
        text: "A classifier reads each drawn digit: was it what was asked for? The Fréchet distance also minds how varied they \
               are.",
        look: "The confusion matrix: which digits are taken for which? Score again with γ 1 and compare the two rows.",
        question: "With a large γ nearly all are read right. Is the Fréchet distance best there too?",
        answer: "No: guided digits are clear and too much alike, and the distance grows.",
        recipe: || of("digits-score").with(|recipe| (recipe.sampling.count, recipe.sampling.steps) = (10, vec![50])),
    },
    Lesson {
        id: "score",
        part: WHY,
        title: "The way out of the noise",
        text: "In two dimensions everything can be seen at once. The command Points in the plane (in the menu under Help, or by \
               Ctrl+P) lets 400 points walk from noise to a ring and two blobs, along the score: the slope of the logarithm of the \
               density. Estimating the noise is estimating the score: ε = −√(1−ᾱ) · score.",
        look: "Early arrows all point to the middle, late ones to the nearest place of the shape. Point at a point to see its x̂₀; \
               raise γ; compare the ways of DDPM and DDIM. The settings beside are the same loop on a picture.",
        question: "Why do early arrows point to the middle?",
        answer: "In much noise every place of the shape is about as likely, and the way to all of them is the way to their mean: the \
                 same blur as of the one-step picture.",
        recipe: || of("a1.4"),
    },
    Lesson {
        id: "memory",
        part: WHY,
        title: "Invented or remembered?",
        text: "A network that had learned its digits by heart would give them back. Draw a few, open one of them (a double click), \
               and ask for its nearest training digits: a right click on the picture, or Ctrl+P and its name.",
        look: "How far is the nearest one off, and how alike are the neighbours among each other?",
        question: "When would you expect a network to remember?",
        answer: "When it sees few pictures very often: then the loss is least if it gives each of them back. Sixty thousand digits \
                 are too many for so small a network.",
        recipe: || of("b2.2-sample").with(|recipe| recipe.sampling.count = 1),
    },
    Lesson {
        id: "samplers",
        part: WHY,
        title: "One seed, four samplers",
        text: "All samplers walk the same schedule with the same network from the same noise. They differ in how far they trust \
               an estimate, and in whether they draw fresh noise.",
        look: "DDIM and DPM-Solver++ come to nearly the same picture, DDPM to another. Go through their steps side by side.",
        question: "Why is DDPM's picture another one?",
        answer: "It draws fresh noise z at each step; the other two follow from the start alone.",
        recipe: || side_by_side("an oil painting of a snowy mountain village", "sampler=ddpm,ddim,dpm-solver-pp-2m"),
    },
    Lesson {
        id: "gammas",
        part: WHY,
        title: "Guidance taken apart",
        text: "At γ = 0 the network is asked without the prompt, at γ = 1 with it; everything beyond goes on along their \
               difference. The three from one seed show the line on which guidance walks.",
        look: "Go through the steps with ε chosen: the difference is large at the first steps, where shapes are decided, and small \
               at the last.",
        question: "Could guidance be left out at the last steps?",
        answer: "Nearly: the guidance interval does that, and keeps colours natural.",
        recipe: || side_by_side("a rocket ship", "guidance=0,1,7"),
    },
];

/// The lesson of an id.
pub fn lesson(id: &str) -> Option<&'static Lesson> {
    LESSONS.iter().find(|lesson| lesson.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_opens_settings_that_can_run_and_says_all_there_is_to_say() {
        for lesson in LESSONS {
            let recipe = (lesson.recipe)();
            recipe.clone().checked().unwrap_or_else(|error| panic!("{}: {error}", lesson.id));
            assert!(recipe.is_grid() || !["samplers", "gammas"].contains(&lesson.id), "{}: no grid", lesson.id);
            assert!(
                lesson.question.ends_with('?') && lesson.answer.len() > 20 && lesson.look.len() > 20,
                "{}",
                lesson.id
            );
            assert!(std::ptr::eq(super::lesson(lesson.id).unwrap(), lesson), "{} twice", lesson.id);
        }
        let parts: Vec<&str> = LESSONS.iter().map(|lesson| lesson.part).collect();
        assert!(
            parts.is_sorted_by_key(|part| LESSONS.iter().position(|lesson| lesson.part == *part)),
            "parts stay together"
        );
    }
}
