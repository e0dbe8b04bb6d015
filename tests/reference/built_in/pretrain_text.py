"""Makes the tokenizer and pretrains the small T5 encoder, so that the UNet meets text that already means something.

    python pretrain_text.py --work FOLDER --out MODEL --minutes 30

Contrastive, as in CLIP (Radford et al. 2021): captions and pictures of a pool, each by a small network, must find each other in
a batch of 256. Trained with the UNet instead, the encoder learnt too late: styles and scenes followed, subjects did not.
Out: MODEL/tokenizer and MODEL/text_encoder in f16, and retrieval among 512 held-out pictures on the way. The model that is
shipped has the encoder of the first recipe (647 pieces, 74 % first of 512); every UNet must be trained anew after this.
"""

import argparse
import io
import json
import pathlib
import time

import sentencepiece
import torch
import torch.nn.functional as F
from torch import nn
from transformers import T5Config, T5EncoderModel

from batches import Order, Pool
from pause import wait_while_paused

PIECES = 1024
BATCH, LENGTH, JOINT_WIDTH = 256, 24, 192
# Words that people type and the pool does not say; each must at least be spelled.
ALSO_SPELLED = "abcdefghijklmnopqrstuvwxyz 0123456789 .,'-!?"
ENCODER = T5Config(
    vocab_size=PIECES, d_model=256, d_kv=64, d_ff=512, num_layers=3, num_heads=4, relative_attention_num_buckets=32,
    dropout_rate=0.0, feed_forward_proj="gated-gelu",
)
TOKENIZER = {
    "tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 77,
    "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>",
}


def make_tokenizer(captions, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*captions, *ALSO_SPELLED.split(), ALSO_SPELLED]), model_writer=model, vocab_size=PIECES,
        model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=1.0,
        normalization_rule_name="nmt_nfkc_cf", hard_vocab_limit=False,
    )
    (folder / "spiece.model").write_bytes(model.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=1) + "\n")
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def convolution(inward, outward, stride):
    return nn.Sequential(nn.Conv2d(inward, outward, 3, stride, 1), nn.GroupNorm(8, outward), nn.GELU())


class Pictures(nn.Module):
    """[b, 3, 32, 32] → [b, 192]; thrown away afterwards."""

    def __init__(self):
        super().__init__()
        widths = [(3, 48, 1), (48, 96, 2), (96, 96, 1), (96, 192, 2), (192, 192, 1), (192, 256, 2), (256, 256, 1)]
        self.layers = nn.Sequential(*[convolution(*each) for each in widths])
        self.project = nn.Linear(512, JOINT_WIDTH)

    def forward(self, pictures):
        seen = self.layers(pictures)
        return F.normalize(self.project(torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], dim=1)), dim=-1)


class Captions(nn.Module):
    """Token ids and mask → [b, 192]: the encoder's rows, averaged over the real ones."""

    def __init__(self):
        super().__init__()
        self.encoder, self.project = T5EncoderModel(ENCODER), nn.Linear(ENCODER.d_model, JOINT_WIDTH)

    def forward(self, ids, mask):
        rows, weight = self.encoder(input_ids=ids, attention_mask=mask)[0], mask[..., None].float()
        return F.normalize(self.project((rows * weight).sum(1) / weight.sum(1)), dim=-1)


def ids_of(pieces, captions):
    ids = torch.zeros(len(captions), LENGTH, dtype=torch.long)
    for row, caption in enumerate(captions):
        found = pieces.encode(caption)[: LENGTH - 1] + [1]
        ids[row, : len(found)] = torch.tensor(found)
    return ids, (torch.arange(LENGTH) < (ids != 0).sum(1, keepdim=True)).long()


def small(pictures):
    return F.avg_pool2d(pictures, pictures.shape[-1] // 32)


def augmented(pictures):
    """Shifted by up to two pixels, sometimes noisy: the network must not count pixels."""
    shift = torch.randint(-2, 3, (2,)).tolist()
    noise = (0.0, 0.1, 0.3)[torch.randint(3, ()).item()]
    return torch.roll(pictures, shift, (2, 3)) + noise * torch.randn_like(pictures)


@torch.no_grad()
def retrieval(pictures, captions, pool, pieces):
    """Share of 512 held-out pictures whose own caption comes first, and in the first five. Equal captions count against it."""
    clean, texts = pool.take(range(512))
    likeness = pictures(small(clean)) @ captions(*ids_of(pieces, texts)).T
    ranks = (likeness > likeness.diagonal()[:, None]).sum(1)
    return (ranks == 0).float().mean().item(), (ranks < 5).float().mean().item()


def train(given, pool, held_out, pieces):
    pictures, captions, sharpness = Pictures(), Captions(), nn.Parameter(torch.tensor(2.3))
    parameters = [*pictures.parameters(), *captions.parameters(), sharpness]
    optimiser = torch.optim.AdamW(parameters, 1e-3, betas=(0.9, 0.98), weight_decay=0.02)
    order, began, step = Order(len(pool)), time.time(), 0
    while (share := (time.time() - began) / (given.minutes * 60)) < 1:
        wait_while_paused(given.work)
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * min(1, (step + 1) / 100) * (1 - share) + 1e-5
        clean, texts = pool.take(order.next(BATCH))
        with torch.autocast("cpu", torch.bfloat16):
            seen, read = pictures(augmented(small(clean))), captions(*ids_of(pieces, texts))
        likeness = sharpness.exp().clamp(max=60) * seen.float() @ read.float().T
        own = torch.arange(BATCH)
        loss = (F.cross_entropy(likeness, own) + F.cross_entropy(likeness.T, own)) / 2
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        if step % 50 == 0:
            first, five = retrieval(pictures, captions, held_out, pieces)
            print(f"step {step} loss {loss.item():.3f} first {first:.3f} in five {five:.3f}", flush=True)
    return captions.encoder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    folder = given.work / "pools" / "64"
    pool, held_out = Pool(folder), Pool(folder, held_out=True)
    pieces = make_tokenizer(sorted(set(pool.captions)), given.out / "tokenizer")
    ENCODER.vocab_size = pieces.vocab_size()
    train(given, pool, held_out, pieces).half().save_pretrained(given.out / "text_encoder")


if __name__ == "__main__":
    main()
