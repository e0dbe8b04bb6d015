"""A small sentencepiece model without charsmap, and the ids that transformers 5.24's T5Tokenizer gives by it.

Needs sentencepiece, transformers and the prompts of tests/reference.
"""

import io
import json
import pathlib
import sys

import sentencepiece
from transformers import T5Tokenizer

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parents[2] / "reference"))
import prompts  # noqa: E402

out = here / "identity"
out.mkdir(exist_ok=True)
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter([p for p in prompts.PROMPTS if 0 < len(p) < 300] * 3), model_writer=model, vocab_size=600,
    model_type="unigram", normalization_rule_name="identity", pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
    character_coverage=0.98, hard_vocab_limit=False,
)
(out / "spiece.model").write_bytes(model.getvalue())
(out / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer", "extra_ids": 0}\n')
tokenizer = T5Tokenizer.from_pretrained(str(out), extra_ids=0)
texts = [text for text in (p.lower().strip() for p in prompts.PROMPTS) if len(text) < 400]
lines = [json.dumps([text, tokenizer([text], max_length=77, truncation=True).input_ids[0]], separators=(",", ":")) for text in texts]
(out / "tokens.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
