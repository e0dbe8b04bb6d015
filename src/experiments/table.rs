//! The table of a recipe's pictures, known before it runs: how many there are, what tells them apart.

use super::axis::Axis;
use super::composition::is_composed;
use super::digits;
use super::outcome::Outcome;
use super::settings::{guidance, prompting, sampling, source};
use super::{Recipe, Setting};

/// The values that vary over a recipe's pictures, outermost first.
pub struct Table {
    axes: Vec<Vec<String>>,
    alone: String,
    of_run: usize,
}

impl Table {
    /// The table of `recipe`.
    pub fn of(recipe: &Recipe) -> Self {
        if let Some((axes, together)) = digits::table::axes(recipe) {
            // What does not vary is said too: of one picture it is all there is to say.
            let alone = axes.last().and_then(|axis| axis.first()).cloned().unwrap_or_default();
            let of_run = product(&axes[axes.len() - together..]);
            return Self { axes, alone, of_run };
        }
        let swept =
            |setting: &Setting| [&recipe.grid.x, &recipe.grid.y].into_iter().flatten().any(|it| it.key == setting.key);
        let listed = |setting: &Setting, labels: Vec<String>| if swept(setting) { Vec::new() } else { labels };
        let steps = if recipe.sampling.timesteps.is_some() { &[][..] } else { &recipe.sampling.steps };
        let prompts = if is_composed(recipe) { Vec::new() } else { recipe.prompting.prompt.clone() };
        let i_starts = if recipe.source.t.is_empty() { &recipe.source.i_start[..] } else { &[] };
        let axes = vec![
            recipe.grid.y.as_ref().map(Axis::labels).unwrap_or_default(),
            recipe.grid.x.as_ref().map(Axis::labels).unwrap_or_default(),
            listed(&prompting::prompt, prompts),
            listed(&sampling::steps, steps.iter().map(|steps| format!("{steps} steps")).collect()),
            listed(&guidance::scale, recipe.guidance.scale.iter().map(|guidance| format!("γ {guidance}")).collect()),
            listed(&source::i_start, i_starts.iter().map(|i_start| format!("i_start {i_start}")).collect()),
            listed(&source::t, recipe.source.t.iter().map(|t| format!("t {t}")).collect()),
            listed(&sampling::seed, seeds(recipe)),
        ];
        // A picture that was made without words is called as its experiment is.
        let wordless = recipe.experiment().ok().filter(|experiment| !experiment.uses(&prompting::prompt));
        let alone =
            wordless.map_or_else(|| recipe.prompting.prompt.join(" / "), |experiment| experiment.title.to_owned());
        Self { axes, alone, of_run: recipe.sampling.count }
    }

    /// How many pictures there are.
    pub fn pictures(&self) -> usize {
        product(&self.axes)
    }

    /// How many of them one run makes side by side.
    pub fn of_run(&self) -> usize {
        self.of_run
    }

    /// What tells picture `index` from the others; where nothing varies its prompts, or what made it without any.
    pub fn label(&self, index: usize) -> String {
        let mut rest = index;
        let mut words = Vec::new();
        for axis in self.axes.iter().rev().filter(|axis| !axis.is_empty()) {
            if axis.len() > 1 {
                words.push(axis[rest % axis.len()].as_str());
            }
            rest /= axis.len();
        }
        if words.is_empty() {
            return self.alone.clone();
        }
        words.reverse();
        words.join(" · ")
    }

    /// Pictures in a row: one row for each value of the first axis that varies, where another varies too; else
    /// `None`, for whatever fits.
    pub fn columns(&self) -> Option<usize> {
        let varying: Vec<usize> = self.axes.iter().map(Vec::len).filter(|len| *len > 1).collect();
        match varying.as_slice() {
            [first, _, ..] => Some(self.pictures() / first),
            _ => None,
        }
    }

    /// The grid of the pictures, with a label for each row and column, or for each picture.
    pub fn outcome(&self) -> Outcome {
        let varying: Vec<&Vec<String>> = self.axes.iter().filter(|values| values.len() > 1).collect();
        match varying.split_first() {
            None => Outcome { per_row: 1, ..Outcome::default() },
            Some((only, [])) => {
                let per_row = if only.len() <= 6 { only.len() } else { only.len().div_ceil(2).clamp(5, 8) };
                Outcome { per_row, captions: only.to_vec(), ..Outcome::default() }
            }
            Some((down, across)) => {
                let columns = across.iter().fold(vec![String::new()], |labels, values| {
                    labels.iter().flat_map(|label| values.iter().map(move |value| joined(label, value))).collect()
                });
                Outcome { per_row: columns.len(), columns, rows: down.to_vec(), ..Outcome::default() }
            }
        }
    }
}

fn product(axes: &[Vec<String>]) -> usize {
    axes.iter().map(|axis| axis.len().max(1)).product()
}

fn seeds(recipe: &Recipe) -> Vec<String> {
    let count = recipe.sampling.count as u64;
    recipe.sampling.seed.iter().flat_map(|seed| (0..count).map(|i| format!("seed {}", seed.wrapping_add(i)))).collect()
}

fn joined(label: &str, value: &str) -> String {
    if label.is_empty() { value.to_owned() } else { format!("{label} · {value}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_prompt_and_its_cells_say_what_varies() {
        let prompt = ["a", "b"].map(str::to_owned).to_vec();
        let recipe = Recipe::new("sample").with(|recipe| {
            recipe.prompting.prompt = prompt;
            recipe.sampling.steps = vec![5, 20, 40];
        });
        let table = Table::of(&recipe);
        assert_eq!((table.pictures(), table.columns()), (6, Some(3)));
        assert_eq!(table.label(4), "b · 20 steps");
        assert_eq!(Table::of(&recipe.with(|recipe| recipe.prompting.prompt = vec!["a".into()])).label(1), "20 steps");
        let noised = super::super::find("forward").unwrap().recipe();
        let one = Table::of(&noised.with(|recipe| {
            recipe.source.t.truncate(1);
            recipe.source.i_start.clear();
        }));
        assert_eq!(
            (one.pictures(), one.label(0)),
            (1, "Add noise".to_owned()),
            "not the prompt, which it does not read"
        );
    }

    #[test]
    fn digits_have_a_table_of_their_own() {
        let recipe = |verb: &str| super::super::find(verb).unwrap().recipe();
        let drawn = Table::of(&recipe("digits-sample").with(|recipe| {
            recipe.digits.classes = "2026".to_owned();
            recipe.sampling.count = 3;
        }));
        assert_eq!((drawn.pictures(), drawn.columns()), (12, Some(4)));
        assert_eq!(drawn.label(7), "no. 2 · digit 6");
        let one = Table::of(&recipe("digits-sample").with(|recipe| recipe.digits.classes = "7".to_owned()));
        assert_eq!((one.pictures(), one.label(0)), (1, "digit 7".to_owned()));
        let noised = Table::of(&recipe("digits-noise").with(|recipe| recipe.digits.pick = vec![4, 9]));
        assert_eq!((noised.pictures(), noised.label(8)), (14, "test digit 9 · σ 0.2".to_owned()));
    }
}
