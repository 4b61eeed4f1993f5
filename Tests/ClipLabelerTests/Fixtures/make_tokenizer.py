"""Makes tokenizer.json (a vocabulary and merges), and texts.json: texts with the ids that the reference gives them.

Reference: transformers.CLIPTokenizer (transformers 5, which has only the one backed by the tokenizers library: NFC, runs
of white space to one space, lower case, the pattern of CLIP, byte-level BPE). It does not mend text: HTML entities and broken
encodings stay as they are, unlike in OpenAI's code and in old versions of transformers with ftfy.

The small vocabulary is trained here, on the text below. With a copy of OpenAI's bpe_simple_vocab_16e6.txt.gz (the package
open_clip_torch has it) ids of the real vocabulary are stored too, and its files are written to a folder that the test takes
from PONS_CLIP_VOCABULARY:

    python make_tokenizer.py [bpe_simple_vocab_16e6.txt.gz FOLDER]
"""
import collections
import gzip
import json
import os
import random
import re
import sys
import unicodedata

from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"

TRAINING = """
An image of brain tissue showing typical signal intensity without any regions of abnormal intensity or suspicious mass.
An image of brain tissue showing a tumor with uneven hyperintensity and irregular borders distinct from surroundings.
The radiologist's report doesn't mention it; we've seen 12 lesions, they're 3 to 45 mm wide, and I'm sure she'd agree.
A photo of a kidney, a photo of the liver, an axial slice of the lung with a nodule near the pleura.
Größe und Form des Gewebes sind unauffällig, das Ödem reicht bis über die Mittellinie. Le résumé décrit une lésion élevée.
Слева видно образование без чётких границ. Ο εγκέφαλος είναι φυσιολογικός. 脳の画像 正常 腫瘍 なし。 뇌 영상 정상.
"""


def alphabet():
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    # In this order the first 512 tokens are those of OpenAI's vocabulary.
    return {**{b: chr(b) for b in shown}, **{b: chr(256 + i) for i, b in enumerate(hidden)}}


def train(words, count):
    """Merges, the most frequent pair first, of words given as lists of symbols with their numbers."""
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, number in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += number
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = {}
        for word, number in words.items():
            result, at = [], 0
            while at < len(word):
                if word[at : at + 2] == best:
                    result.append(word[at] + word[at + 1])
                    at += 2
                else:
                    result.append(word[at])
                    at += 1
            merged[tuple(result)] = merged.get(tuple(result), 0) + number
        words = merged
    return merges


def vocabulary(merges):
    symbols = list(alphabet().values())
    tokens = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + [START, END]
    return {token: index for index, token in enumerate(dict.fromkeys(tokens))}


def small():
    bytes_to_text = alphabet()
    words = collections.Counter()
    for word in re.findall(r"'[a-z]+|[^\W\d_]+|\d|[^\s\w]+", unicodedata.normalize("NFC", TRAINING).lower()):
        symbols = [bytes_to_text[byte] for byte in word.encode()]
        words[tuple(symbols[:-1]) + (symbols[-1] + "</w>",)] += 1
    return train(words, 400)


def real(path):
    lines = gzip.open(path).read().decode().split("\n")
    return [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]


TEXTS = [
    "", " ", "a", "A photo of a CAT.", "an image of brain tissue showing a tumor with uneven hyperintensity",
    "  leading,\ttabs\n\nand\r\nnew lines  ", "I'm, you're, we've, he'd, she'll, it's, don't; IT'S DON'T WE'LL",
    "'s 't 're ''s '' ' 'sam 'tis rock'n'roll o'clock 'xyz", "2024-11-24 12:34 3.14159 1e-5 ½ ² Ⅷ ௧௨ ٣",
    "x2y3 2x 3mm T2-FLAIR 1.5T", "&amp; &lt;b&gt; &#39;quoted&#39; &nbsp; &quot; &amp;amp;",
    "café résumé naïve Größe Ångström", "cafe\u0301 re\u0301sume\u0301 A\u030angstro\u0308m", "ÀÉÎÕÜ ŸŽŠ ÇĞİIı ẞß ΑΣΣ ΣΑΣ",
    "Привет МИР", "Ο ΕΓΚΕΦΑΛΟΣ είναι", "日本語のテキスト 中文字符 한국어 문장", "ﷺ ﬁ ﬂ ǅ Ǆ ǆ", "שלום עולם مرحبا بالعالم हिन्दी ภาษาไทย",
    "🙂 🧠🔬 👨‍👩‍👧‍👦 🇩🇪 👍🏽 ✈️ ☢", "e\u0301\u0323 \u1e9b\u0323 q\u0307\u0323", "zero\u200bwidth joi\u200dned soft\u00adhyphen bom\ufeff",
    "non\u00a0breaking\u2003em\u3000ideographic\u2028line\u0085next\u180emongol", "bell\u0007 null\u0000 del\u007f esc\u001b c1\u0081\u009f",
    "\u001c\u001d\u001e\u001f", "!!! ??? ... --- ___ ### @user #tag http://example.org/a?b=c&d=%20", "a_b __init__ C++ f(x)=y[0]{1}<2>|3\\4/5~`^",
    "<|startoftext|>", "a <|endoftext|> b", "<|ENDOFTEXT|> <|startoftext|", "x<|endoftext|>'s y", "<|startoftext|><|endoftext|>z",
    "“curly” ‘quotes’ it’s – en — em … ellipsis €5 £6 ¥7 ©®™", "\ud7ff\ue000\uf8ff\ufffd\U0010ffff \U0001d54f \U0001d7d8 \U00020000",
    "ͅᾼ ᾼ ŉ ǰ ΐ", "\u1100\u1161\u11a8 \uac01", "\u212b \u2126 \u212a k", "Ꭰ ꭰ Ა ა Ⴀ ⴀ 𐐀 𐐨 Ⓐ ⓐ",
    "word " * 100, "tumor, " * 60, "1234567890" * 10, "a" * 300, "ß" * 200, "!" * 500, "😀" * 100,
    "an image of brain tissue showing typical signal intensity without any regions of abnormal intensity or suspicious mass",
    "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
]


def random_texts():
    """Characters of many scripts, next to each other as no text has them."""
    generator = random.Random(5)
    ranges = [(0, 0x7F), (0x20, 0x7E), (0x80, 0x24F), (0x300, 0x52F), (0x590, 0x6FF), (0x900, 0xE7F), (0x1100, 0x11FF),
              (0x1E00, 0x206F), (0x20A0, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x4FFF), (0xA640, 0xA6FF), (0xAC00, 0xACFF),
              (0xF900, 0xFFFD), (0x10000, 0x103FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF)]
    for _ in range(150):
        chosen = generator.sample(ranges, 2)
        text = ""
        while len(text) < 24:
            low, high = generator.choice(chosen)
            character = chr(generator.randint(low, high))
            # Characters that one side's version of Unicode may not have yet are left out.
            if unicodedata.category(character) not in ("Cn", "Cs") and unicodedata.ucd_3_2_0.category(character) != "Cn":
                text += character
        yield text


def tokenizer(merges):
    return CLIPTokenizer(vocab=vocabulary(merges), merges=merges, model_max_length=77)


def main():
    merges = small()
    sets = {"small": tokenizer(merges)}
    if len(sys.argv) > 2:
        full = real(sys.argv[1])
        sets["real"] = tokenizer(full)
        os.makedirs(sys.argv[2], exist_ok=True)
        with open(os.path.join(sys.argv[2], "vocab.json"), "w") as file:
            json.dump(vocabulary(full), file)
        with open(os.path.join(sys.argv[2], "merges.txt"), "w") as file:
            file.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in full))
    texts = []
    for text in [*TEXTS, *random_texts()]:
        texts.append({"text": text, **{name: t(text, truncation=True)["input_ids"] for name, t in sets.items()}})
    with open("texts.json", "w") as file:
        json.dump(texts, file, separators=(",", ":"))
    with open("vocab.json", "w") as file:
        json.dump(vocabulary(merges), file, separators=(",", ":"))
    with open("merges.txt", "w") as file:
        file.write("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))


if __name__ == "__main__":
    main()
