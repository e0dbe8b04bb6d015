"""How often the judge recognises what was asked for: subjects, styles, and phrasings that were never trained."""

from measures.bench import share
from measures.phrasings import PHRASINGS
from vocabulary import ASKED_STYLE, COURSE, COURSE_PROMPTS, OTHERS, STYLES, said

SEEDS = 4


def prompts(bench):
    """The twelve in every style and as the course says them, four pictures each; the others once in every style; the phrasings."""
    styles, asked_styles = [], []
    for name, group, count in (("twelve prompts", COURSE, SEEDS), ("others", OTHERS, 1)):
        asked = bench.few([(subject, style) for subject in group for style in STYLES for _ in range(count)])
        answers = bench.judge.answers(bench.sampled([said(*pair) for pair in asked]))
        subjects = [answer[0] == pair[0] for answer, pair in zip(answers, asked, strict=True)]
        share(f"{name} recognised", subjects)
        missed(subjects, asked, answers)
        styles += [answer[1] == pair[1] for answer, pair in zip(answers, asked, strict=True)]
        asked_styles += [style for _, style in asked]
    share("styles", styles)
    for style in STYLES:
        share(f"… {style}", [right for right, asked in zip(styles, asked_styles, strict=True) if asked == style])
    as_said(bench)
    phrasings(bench)


def as_said(bench):
    """The twelve as the course writes them; those without a style may come in any."""
    asked = bench.few([subject for subject in COURSE_PROMPTS for _ in range(SEEDS)])
    answers = bench.judge.answers(bench.sampled([COURSE_PROMPTS[subject] for subject in asked]))
    share("twelve prompts as the course says them", [answer[0] == subject for answer, subject in zip(answers, asked, strict=True)])
    styled = [answer[1] == ASKED_STYLE[subject] for answer, subject in zip(answers, asked, strict=True) if ASKED_STYLE[subject]]
    share("… and style, where one is named", styled)


def phrasings(bench):
    """Those that turn out to be a caption are left out, aloud."""
    captions = bench.captions()
    for phrase, _ in PHRASINGS:
        if phrase in captions:
            print(f"“{phrase}” is a caption: left out")
    asked = bench.few([each for each in PHRASINGS if each[0] not in captions for _ in range(SEEDS)])
    answers = [answer[0] for answer in bench.judge.answers(bench.sampled([phrase for phrase, _ in asked]))]
    right = [answer in expected for answer, (_, expected) in zip(answers, asked, strict=True)]
    share("phrasings never trained", right)
    for phrase in dict.fromkeys(phrase for phrase, _ in asked):
        of = [index for index, each in enumerate(asked) if each[0] == phrase]
        print(f"  {sum(right[index] for index in of)} of {len(of)} {phrase}: {', '.join(answers[index] for index in of)}")


def missed(right, asked, answers):
    """Which subjects are taken for what."""
    taken = {}
    for hit, (subject, _), answer in zip(right, asked, answers, strict=True):
        if not hit:
            taken.setdefault(subject, []).append(answer[0])
    for subject in sorted(taken, key=lambda name: -len(taken[name])):
        print(f"  {subject} missed {len(taken[subject])}: {', '.join(sorted(taken[subject]))}")
