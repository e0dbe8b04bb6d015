//! Painting by hand: strokes that do not depend on how often the pointer was sampled, undo to the bit, shapes by
//! their area, and edges that are the same whether worked out for a rectangle or for all.

use diffusion_lab::pictures::drawing::{Area, Brush, Drawing, Edges, Ink, Shape};
use diffusion_lab::tensors::Generator;

const HARD: Brush = Brush { size: 20.0, softness: 0.0 };
const SOFT: Brush = Brush { size: 20.0, softness: 0.8 };
const WHITE: Ink<1> = Ink::Colour([255]);

fn sum(drawing: &Drawing<1>) -> f64 {
    drawing.pixels().iter().map(|pixel| f64::from(pixel[0]) / 255.0).sum()
}

fn stroke(drawing: &mut Drawing<1>, brush: Brush, ink: Ink<1>, points: &[[f32; 2]]) {
    drawing.begin(brush, ink, points[0]);
    points[1..].iter().for_each(|point| drawing.extend(*point));
    drawing.finish();
}

/// A dot covers πr², to the half pixel that its smoothed rim may be off.
#[test]
fn a_dot_has_the_area_of_its_circle() {
    for size in [5.0_f32, 20.0, 61.0] {
        let mut drawing = Drawing::black(96, 80);
        stroke(&mut drawing, Brush { size, ..HARD }, WHITE, &[[48.0, 40.0]]);
        let (wanted, got) = (std::f64::consts::PI * f64::from(size / 2.0).powi(2), sum(&drawing));
        assert!((got - wanted).abs() < 0.05 * wanted + 1.0, "{size}: {got} for {wanted}");
    }
}

/// A stroke in one move and the same in many agree but for rounding, and going over it again adds nothing.
#[test]
fn strokes_do_not_depend_on_their_samples() {
    for brush in [HARD, SOFT] {
        let (mut few, mut many) = (Drawing::black(64, 64), Drawing::black(64, 64));
        stroke(&mut few, brush, WHITE, &[[10.0, 12.0], [50.0, 44.0]]);
        let between: Vec<[f32; 2]> = (0..=40).map(|i| [10.0 + i as f32, 12.0 + 0.8 * i as f32]).collect();
        stroke(&mut many, brush, WHITE, &between);
        let off = few.pixels().iter().zip(many.pixels()).map(|(a, b)| a[0].abs_diff(b[0])).max().unwrap();
        assert!(off <= 1, "{off} of 255");
        let mut twice = Drawing::black(64, 64);
        stroke(&mut twice, brush, WHITE, &[[10.0, 12.0], [50.0, 44.0], [10.0, 12.0]]);
        assert_eq!(twice.pixels(), few.pixels());
    }
}

#[test]
fn the_eraser_brings_back_what_was_there() {
    let ground: Vec<[u8; 3]> = (0..48 * 48).map(|i| [(i % 251) as u8, 7, 200]).collect();
    let mut drawing = Drawing::new(48, 48, ground.clone());
    drawing.begin(HARD, Ink::Colour([9, 9, 9]), [20.0, 20.0]);
    drawing.finish();
    assert_ne!(drawing.pixels(), ground);
    drawing.begin(Brush { size: 60.0, ..HARD }, Ink::Ground, [20.0, 20.0]);
    drawing.finish();
    assert_eq!(drawing.pixels(), ground);
}

/// Whatever was done, undoing all of it and doing it again is the same to the bit; and undo keeps rectangles, not
/// whole drawings.
#[test]
fn undo_and_redo_are_exact() {
    let mut drawing = Drawing::black(256, 256);
    let mut states = vec![drawing.pixels().to_vec()];
    let random = Generator::new(3).randn(80);
    let at = |i: usize| [128.0 + 60.0 * random[i], 128.0 + 60.0 * random[i + 1]];
    for i in 0..20 {
        match i % 5 {
            0 | 1 => stroke(&mut drawing, SOFT, WHITE, &[at(4 * i), at(4 * i + 2)]),
            2 => stroke(&mut drawing, HARD, Ink::Ground, &[at(4 * i), at(4 * i + 2)]),
            3 => drop(drawing.fill_shape(&Shape::Rectangle(at(4 * i), at(4 * i + 2)), WHITE)),
            _ => drop(drawing.invert()),
        }
        if drawing.pixels() != states.last().unwrap() {
            states.push(drawing.pixels().to_vec());
        }
    }
    assert_eq!(drawing.depth().0, states.len() - 1);
    for state in states.iter().rev().skip(1) {
        assert!(drawing.undo());
        assert_eq!(drawing.pixels(), state);
    }
    assert!(!drawing.undo());
    for state in &states[1..] {
        assert!(drawing.redo());
        assert_eq!(drawing.pixels(), state);
    }
    assert!(!drawing.redo());

    let mut small = Drawing::black(256, 256);
    stroke(&mut small, HARD, WHITE, &[[100.0, 100.0], [140.0, 100.0]]);
    assert!(small.depth().2 < 2500, "{} bytes", small.depth().2);
}

/// A stroke that is given up leaves nothing, and a stroke of nothing is no step.
#[test]
fn an_abandoned_stroke_never_was() {
    let mut drawing = Drawing::black(64, 64);
    drawing.begin(SOFT, WHITE, [30.0, 30.0]);
    drawing.extend([40.0, 30.0]);
    drawing.abandon();
    assert_eq!((sum(&drawing), drawing.depth().0), (0.0, 0));
    drawing.begin(SOFT, Ink::Ground, [30.0, 30.0]);
    assert!(!drawing.finish());
    drawing.begin(SOFT, WHITE, [-90.0, 30.0]);
    assert!(!drawing.finish());
}

#[test]
fn shapes_have_their_area() {
    let area = |shape: Shape| {
        let mut drawing = Drawing::black(64, 64);
        drawing.fill_shape(&shape, WHITE);
        sum(&drawing)
    };
    let off = |got: f64, wanted: f64| (got - wanted).abs() / wanted;
    assert!(off(area(Shape::Rectangle([40.5, 30.25], [10.0, 8.0])), 30.5 * 22.25) < 0.005);
    assert!(off(area(Shape::Lasso(vec![[5.0, 5.0], [55.0, 8.0], [30.0, 50.0]])), 1087.5) < 0.01);
    let circle = (0..90).map(|i| {
        let angle = i as f32 / 90.0 * std::f32::consts::TAU;
        [32.0 + 20.0 * angle.cos(), 32.0 + 20.0 * angle.sin()]
    });
    assert!(off(area(Shape::Lasso(circle.collect())), 1255.0) < 0.01);
    // Beyond the border there is nothing to fill, and a line fills nothing.
    assert!(off(area(Shape::Rectangle([-50.0, -50.0], [10.0, 10.0])), 100.0) < 1e-6);
    assert_eq!(area(Shape::Lasso(vec![[1.0, 1.0], [60.0, 60.0]])), 0.0);
}

/// Filling stops at a closed line and leaves no rim inside it.
#[test]
fn filling_stops_at_a_closed_line() {
    let mut drawing = Drawing::black(64, 64);
    let brush = Brush { size: 3.0, softness: 0.0 };
    stroke(&mut drawing, brush, WHITE, &[[10.0, 10.0], [50.0, 10.0], [50.0, 50.0], [10.0, 50.0], [10.0, 10.0]]);
    assert!(drawing.fill_region([30.0, 30.0], 64, WHITE));
    let at = |x: usize, y: usize| drawing.pixels()[y * 64 + x][0];
    assert!((8..52).all(|y| (10..50).all(|x| at(x, y.clamp(10, 49)) == 255)), "no rim");
    assert_eq!((at(2, 2), at(60, 30), at(30, 60)), (0, 0, 0));
    assert!(!drawing.fill_region([30.0, 30.0], 64, WHITE), "it is filled already");
    assert!(!drawing.fill_region([99.0, 30.0], 64, WHITE), "outside there is nothing");
}

/// Growing by r adds a ring of r, shrinking takes one away, and feathering keeps the amount of white.
#[test]
fn edges_move_by_as_many_pixels_as_they_say() {
    let mut drawing = Drawing::black(128, 128);
    stroke(&mut drawing, Brush { size: 40.0, softness: 0.0 }, WHITE, &[[64.0, 64.0]]);
    let refined = |edges: Edges| {
        let mut out = vec![0; 128 * 128];
        edges.refine(drawing.pixels(), (128, 128), Area::whole(128, 128), &mut out);
        out.iter().map(|&value| f64::from(value) / 255.0).sum::<f64>()
    };
    let disc = |radius: f64| std::f64::consts::PI * radius * radius;
    for (grow, radius) in [(10, 30.0), (-10, 10.0), (0, 20.0), (32, 52.0), (-32, 0.0)] {
        let got = refined(Edges { grow, feather: 0.0 });
        assert!((got - disc(radius)).abs() < 0.08 * disc(radius) + 4.0, "grow {grow}: {got} for {}", disc(radius));
    }
    let feathered = refined(Edges { grow: 0, feather: 12.0 });
    assert!((feathered - disc(20.0)).abs() < 0.02 * disc(20.0), "{feathered}");
}

/// A rectangle alone comes out as it does in the whole: what painting relies on from frame to frame.
#[test]
fn edges_of_a_rectangle_agree_with_those_of_the_whole() {
    let (width, height) = (96, 70);
    let mut drawing = Drawing::black(width, height);
    stroke(&mut drawing, SOFT, WHITE, &[[2.0, 3.0], [90.0, 66.0]]);
    for edges in [Edges { grow: 5, feather: 9.0 }, Edges { grow: -3, feather: 0.0 }, Edges { grow: 0, feather: 32.0 }] {
        let mut whole = vec![0; width * height];
        edges.refine(drawing.pixels(), (width, height), Area::whole(width, height), &mut whole);
        for area in [Area { x: 0, y: 0, width: 9, height: 70 }, Area { x: 40, y: 20, width: 30, height: 31 }] {
            let mut part = whole.clone();
            area.rows(width).for_each(|row| part[row].fill(17));
            edges.refine(drawing.pixels(), (width, height), area, &mut part);
            assert!(part == whole, "{edges:?} in {area:?}");
        }
    }
}
