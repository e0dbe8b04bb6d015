"""What is drawn, and what it is called in captions.

One line a subject: the emoji's name in emojibase, then the captions it goes by. A subject without captions goes by its
emoji's name. Captions get "a" or "an" unless they begin with "the" or stand in WITHOUT_ARTICLE.
HEROES are the prompts that every user meets first; FAMILIAR come next; the rest is OTHERS. compose.py says how often.
"""

import zlib

HEROES = """
rocket: rocket ship, rocket
skull
pencil
old man
man
dog
"""

FAMILIAR = """
snow-capped mountain: snowy mountain
house
houses
fire
hot beverage: cup of coffee
cat
man: beard: man with a beard, bearded man
woman
sailboat
mushroom
red apple: apple, red apple
snowman
robot
lion
fish
deciduous tree: tree
rose
owl
castle
butterfly
banana
automobile: car
top hat
ghost
penguin
octopus
"""

OTHERS = """
evergreen tree: pine tree
old woman
boy
girl
baby
dog face
cat face
fox
bear
panda
tiger face: tiger
monkey face: monkey
horse
cow face: cow
pig face: pig
rabbit face: rabbit
elephant
giraffe
zebra
camel
rooster
duck
flamingo
peacock
parrot
frog
turtle
snake
dragon
T-Rex: dinosaur
spouting whale: whale
dolphin
shark
jellyfish
crab
snail
honeybee: bee
lady beetle: ladybug
spider
sunflower
cactus
palm tree
maple leaf
grapes
watermelon
lemon
pineapple
cherries
strawberry
carrot
bread
cheese wedge: cheese
hamburger
pizza
egg
ice cream
doughnut
birthday cake: cake, birthday cake
teapot
mountain
volcano
camping: tent in the woods
desert island: island
hut
ferris wheel
locomotive: steam train, train
bus
fire engine: fire truck
tractor
bicycle
ship
airplane
helicopter
flying saucer: flying saucer, ufo
hourglass not done: hourglass
crescent moon
full moon
sun
star
cloud
rainbow
umbrella
jack-o-lantern: pumpkin, jack-o-lantern
Christmas tree
balloon
wrapped gift: gift, present
trophy
soccer ball
basketball
teddy bear
kite
glasses
t-shirt
crown
gem stone: diamond
bell
guitar
trumpet
telephone
laptop
camera
light bulb
candle
closed book: book
open book
envelope
key
hammer
crossed swords
bow and arrow
telescope
anchor
scissors
door
chair
moai
alien
alien monster: space invader
clown face: clown
red heart: heart, red heart
smiling face with sunglasses
smiling face with heart-eyes
crying face
cowboy hat face
eye
mage: wizard
mermaid
Santa Claus
"""

WITHOUT_ARTICLE = {
    "fire", "houses", "grapes", "bread", "cheese", "cherries", "glasses", "scissors", "crossed swords", "santa claus",
    "waterfalls", "people", "three people", "people around a campfire", "people by a campfire",
    "people around a campfire at night",
}
# Pairs that the model never sees, to measure what it composes. Heroes are seen in every style.
HELD_OUT_SHARE = 12


def parsed(table):
    """{emoji name: [captions]}. A name may hold ": " itself ("man: beard"), so captions follow the last one, if known as such."""
    subjects = {}
    for line in filter(None, table.splitlines()):
        name, _, captions = line.rpartition(": ")
        if not name:
            name, captions = line, line
        subjects[name] = [caption.strip().lower().replace("’", "") for caption in captions.split(",")]
    return subjects


HERO_CAPTIONS, FAMILIAR_CAPTIONS, OTHER_CAPTIONS = parsed(HEROES), parsed(FAMILIAR), parsed(OTHERS)
CAPTIONS = {**HERO_CAPTIONS, **FAMILIAR_CAPTIONS, **OTHER_CAPTIONS}


def with_article(caption):
    if caption in WITHOUT_ARTICLE or caption.startswith("the "):
        return caption
    vowel = caption[0] in "aeiou" and not caption.startswith(("uni", "eu", "ufo"))
    return ("an " if vowel else "a ") + caption


def held_out(subject, style):
    """Whether this pair is kept from training. The rule is a hash, so that every run and the measures agree."""
    if subject not in OTHER_CAPTIONS and subject not in FAMILIAR_CAPTIONS:
        return False
    return zlib.crc32(f"{subject}/{style}".encode()) % HELD_OUT_SHARE == 0
