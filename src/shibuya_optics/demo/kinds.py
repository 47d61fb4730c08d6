"""The kinds of grocery in the demo's pantry: which pack each comes in, what it measures, what is printed on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = tuple[int, int, int]
Shape = Literal["box", "carton", "tin", "jar", "tub"]


@dataclass(frozen=True)
class Kind:
    """One kind of grocery.

    Attributes:
        path: its place in the label tree, e.g. `Dairy/Butter`.
        shape: the pack: a box, a gable-top carton, a tin, a jar with a lid, a tub.
        size: width, depth and height of the pack, cm; round packs are as deep as they are wide.
        title: what is in it, as printed.
        claims: lines to choose from, printed below the title.
        amount: the net amount as printed.
        motif: name of the picture on the front.
        content: colour of what shows through a jar's glass, (red, green, blue) in 0-255.
    """

    path: str
    shape: Shape
    size: tuple[float, float, float]
    title: str
    claims: tuple[str, ...]
    amount: str
    motif: str
    content: Colour = (200, 180, 140)


KINDS = (
    Kind("Dairy/Butter", "box", (12.0, 6.5, 6.5), "Butter", ("Slowly churned", "Lightly salted"), "500 g", "butter"),
    Kind("Dairy/Milk", "carton", (8.0, 8.0, 19.0), "Whole Milk", ("From the hills", "Fresh today"), "1 litre", "milk"),
    Kind("Dairy/Yoghurt", "tub", (10.0, 10.0, 9.5), "Yoghurt", ("Thick & mild", "Live cultures"), "450 g", "berries"),
    Kind("Drinks/Juice", "carton", (7.5, 7.5, 20.0), "Orange Juice", ("Never from dust", "With bits"), "1 litre", "orange"),
    Kind("Drinks/Oat", "carton", (7.5, 7.5, 19.5), "Oat Drink", ("Barista style", "Unsweetened"), "1 litre", "wheat"),
    Kind("Drinks/Coffee", "tin", (9.5, 9.5, 13.0), "Ground Coffee", ("Dark roast", "House blend"), "400 g", "coffee"),
    Kind("Drinks/Tea", "box", (12.5, 6.5, 8.5), "Black Tea", ("40 bags", "Morning blend"), "100 g", "leaves"),
    Kind("Breakfast/Muesli", "box", (14.0, 5.5, 20.0), "Muesli", ("Five grains", "Crunchy & golden"), "600 g", "bowl"),
    Kind("Breakfast/Honey", "jar", (8.0, 8.0, 11.0), "Honey", ("Wild blossom", "Cold stirred"), "350 g", "honey", (206, 128, 18)),
    Kind("Breakfast/Jam", "jar", (7.5, 7.5, 10.0), "Berry Jam", ("Half the sugar", "Cooked in a pot"), "320 g", "berries", (120, 12, 30)),
    Kind("Tins/Tomatoes", "tin", (7.5, 7.5, 11.0), "Tomatoes", ("Peeled plum", "In their juice"), "400 g", "tomato"),
    Kind("Tins/Beans", "tin", (8.0, 8.0, 10.5), "Red Beans", ("Ready to eat", "No salt added"), "420 g", "beans"),
    Kind("Tins/Tuna", "tin", (9.5, 9.5, 5.0), "Tuna", ("In olive oil", "Pole & line"), "160 g", "fish"),
    Kind("Tins/Sweetcorn", "tin", (8.0, 8.0, 9.5), "Sweetcorn", ("Super crisp", "Picked in August"), "340 g", "corn"),
    Kind("Pasta/Penne", "box", (11.0, 5.0, 18.0), "Penne", ("Bronze drawn", "Cooks in 11 min"), "500 g", "penne"),
    Kind("Baking/Cocoa", "box", (8.5, 5.0, 14.0), "Cocoa", ("Pure & dark", "For baking"), "250 g", "chocolate"),
    Kind("Snacks/Crackers", "box", (16.0, 5.0, 11.0), "Crackers", ("With sea salt", "Oven crisp"), "200 g", "cracker"),
    Kind("Sauces/Pesto", "jar", (7.0, 7.0, 10.5), "Pesto Verde", ("With basil", "Stone ground"), "190 g", "leaves", (70, 92, 22)),
    Kind("Sauces/Mustard", "jar", (7.0, 7.0, 9.5), "Mustard", ("Coarse & hot", "Old recipe"), "200 g", "seeds", (190, 142, 30)),
    Kind("Spreads/Peanut", "jar", (8.0, 8.0, 10.5), "Peanut Butter", ("100 % nuts", "Smooth"), "350 g", "peanut", (168, 108, 48)),
)  # fmt: skip
