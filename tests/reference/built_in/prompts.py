"""Text to what the UNet reads: the small T5 encoder, frozen, on 77 tokens as DeepFloyd IF has it.

Prompts are lower-cased and stripped; ids end in </s>, are padded with 0, and the encoder masks the padding. The padding's own
rows are kept as they come out: IF's UNet sees all 77 rows, so training must too.
"""

import pathlib

import sentencepiece
import torch
from transformers import T5EncoderModel

LENGTH = 77
END = 1


class Prompts:
    """`encode([str])` → [b, 77, 256] f32. `model` is a diffusers folder: its tokenizer and text_encoder are used."""

    def __init__(self, model):
        model = pathlib.Path(model)
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(model / "tokenizer/spiece.model"))
        self.encoder = T5EncoderModel.from_pretrained(model / "text_encoder", dtype=torch.float32).eval().requires_grad_(False)
        self.known = {}

    def ids(self, prompts):
        """[b, 77] ids and mask."""
        ids = torch.zeros(len(prompts), LENGTH, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            pieces = self.pieces.encode(prompt.lower().strip())[: LENGTH - 1] + [END]
            ids[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
        return ids, mask

    @torch.no_grad()
    def encode(self, prompts):
        """The encoder is frozen and captions come again: every caption is encoded once and kept in halves."""
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self.known]
        if new:
            ids, mask = self.ids(new)
            states = self.encoder(input_ids=ids, attention_mask=mask)[0]
            self.known.update(zip(new, states.bfloat16(), strict=True))
        return torch.stack([self.known[prompt] for prompt in prompts]).float()
