internal import Glibc

/// Draws pictures of subjects: whole numbers from 0 to 255, `[edge, edge]`.
struct Pictures {
  let edge: Int
  let template: Template

  func picture(_ subject: Subject, _ numbers: inout SeededNumbers) -> [Float] {
    var pixels: [Float]
    switch subject {
    case .normalBrain, .tumorBrain:
      pixels = brain(hasTumor: subject == .tumorBrain, &numbers)
    case .circle, .square: pixels = shape(isCircle: subject == .circle, &numbers)
    case .stripes:
      let (fx, fy, phase) = (numbers.normal(0.6), numbers.normal(0.6), numbers.within(0...6))
      pixels = field { x, y in sin(fx * x + fy * y + phase) > 0 ? 1 : 0.1 }
    case .noise: pixels = field { _, _ in 0.5 }
    case .nothing: pixels = field { _, _ in 0 }
    }
    let noise = subject == .noise ? 0.5 : subject == .nothing ? 0.01 : numbers.within(0...0.05)
    let isMasked = subject == .normalBrain || subject == .tumorBrain
    for index in pixels.indices where !isMasked || pixels[index] > 0 {
      pixels[index] = max(isMasked ? 0.001 : 0, pixels[index] + numbers.normal(noise))
    }
    return Self.grey(pixels, isMasked: isMasked, isFlat: subject == .nothing)
  }

  private func field(_ value: (Float, Float) -> Float) -> [Float] {
    (0..<edge * edge).map { value(Float($0 % edge), Float($0 / edge)) }
  }

  /// The least becomes 0 and the largest 255, as slices are shown; outside of a mask is 0.
  private static func grey(_ pixels: [Float], isMasked: Bool, isFlat: Bool) -> [Float] {
    let inside = isMasked ? pixels.filter { $0 > 0 } : pixels
    let low = inside.min() ?? 0
    let width = isFlat ? 1 : max(1e-3, (inside.max() ?? 1) - low)
    return pixels.map {
      isMasked && $0 <= 0 ? 0 : min(max(($0 - low) / width * 255, 0), 255).rounded()
    }
  }

  private func shape(isCircle: Bool, _ numbers: inout SeededNumbers) -> [Float] {
    let size = Float(edge)
    let radius = numbers.within(0.12 * size...0.4 * size)
    let centre = (numbers.within(radius...size - radius), numbers.within(radius...size - radius))
    let colours = numbers.chance(0.5) ? (Float(0.1), Float(0.9)) : (Float(0.9), Float(0.1))
    return field { x, y in
      let (dx, dy) = (abs(x - centre.0), abs(y - centre.1))
      let isInside = isCircle ? dx * dx + dy * dy < radius * radius : max(dx, dy) < radius * 0.9
      return isInside ? colours.1 : colours.0
    }
  }

  // MARK: Brains

  private func brain(hasTumor: Bool, _ numbers: inout SeededNumbers) -> [Float] {
    var pixels = numbers.chance(0.75) ? template.slice(edge, &numbers) : drawnHead(&numbers)
    recolour(&pixels, &numbers)
    // Bright things that are no tumor, in both kinds: spots, and the rim.
    for _ in 0..<Int(numbers.within(0...5)) {
      addBlob(
        &pixels, radius: numbers.within(0.8...1.8), strength: numbers.within(0.1...0.5), &numbers)
    }
    if numbers.chance(0.4) { brightenRim(&pixels, numbers.within(0.1...0.4)) }
    if hasTumor {
      addBlob(
        &pixels, radius: numbers.within(3.5...12), strength: numbers.within(0.12...0.7), &numbers)
    }
    let bias = (0..<5).map { _ in numbers.normal(0.1) }
    let scale = 2 / Float(edge)
    for index in pixels.indices {
      let (x, y) = (Float(index % edge) * scale - 1, Float(index / edge) * scale - 1)
      pixels[index] *= max(
        0.4, 1 + bias[0] * x + bias[1] * y + bias[2] * x * y + bias[3] * x * x + bias[4] * y * y)
    }
    return pixels
  }

  /// An ellipse of two tissues with dark chambers.
  private func drawnHead(_ numbers: inout SeededNumbers) -> [Float] {
    let middle = Float(edge) / 2
    let (a, b) = (numbers.within(0.36...0.52) * 2 * middle, numbers.within(0.42...0.6) * 2 * middle)
    let (folds, phase) = (numbers.within(8...18), numbers.within(0...6))
    let chamber = (numbers.within(2...4), numbers.within(4...9), numbers.within(3...6))
    return field { x, y in
      let (dx, dy) = (x - middle, y - middle)
      let radius = sqrt(dx * dx / (a * a) + dy * dy / (b * b))
      if radius > 1 { return 0 }
      let side = abs(dx) - chamber.2
      if side * side / (chamber.0 * chamber.0) + dy * dy / (chamber.1 * chamber.1) < 1 {
        return 0.15
      }
      let fold = 0.08 * sin(folds * atan2(dy, dx) + phase)
      return radius > 0.98 ? 0.2 : radius > 0.8 + fold ? 0.5 : 0.75
    }
  }

  /// Another contrast: fluid, grey and white matter get other intensities, often those of FLAIR.
  private func recolour(_ pixels: inout [Float], _ numbers: inout SeededNumbers) {
    let knots: [Float] =
      switch numbers.within(0...1) {
      case ..<0.55:
        [
          0.05, numbers.within(0.1...0.3), numbers.within(0.5...0.75), numbers.within(0.4...0.65),
          numbers.within(0.45...0.75),
        ]
      case ..<0.8:
        [
          0.05, numbers.within(0.1...0.3), numbers.within(0.35...0.6), numbers.within(0.6...0.8),
          numbers.within(0.7...0.95),
        ]
      default: (0..<5).map { _ in numbers.within(0.1...0.8) }
      }
    for index in pixels.indices where pixels[index] > 0 {
      let place = min(max(pixels[index], 0), 0.999) * 4
      let knot = Int(place)
      let part = place - Float(knot)
      pixels[index] = max(0.01, knots[knot] * (1 - part) + knots[knot + 1] * part)
    }
  }

  /// A bright patch with an uneven edge around some place inside, sometimes with a dark core.
  private func addBlob(
    _ pixels: inout [Float], radius: Float, strength: Float, _ numbers: inout SeededNumbers
  ) {
    let inside = pixels.indices.filter { pixels[$0] > 0 }
    guard let centre = inside.randomElement(using: &numbers) else { return }
    let (cx, cy) = (Float(centre % edge), Float(centre / edge))
    let waves = (2...5).map {
      (Float($0), numbers.normal(0.35 / Float($0)), numbers.within(0...6.28))
    }
    let softness = numbers.within(0.08...0.6)
    let core: Float = radius > 5 && numbers.chance(0.3) ? numbers.within(0.3...0.6) : 0
    let texture = (numbers.within(0...0.25), numbers.within(0.4...1.2), numbers.within(0.4...1.2))
    let stretch = numbers.within(0.75...1.33)
    for index in inside {
      let (dx, dy) = ((Float(index % edge) - cx) * stretch, (Float(index / edge) - cy) / stretch)
      let angle = atan2(dy, dx)
      let edgeRadius = radius * (1 + waves.reduce(0) { $0 + $1.1 * cos($1.0 * angle + $1.2) })
      let distance = sqrt(dx * dx + dy * dy) / max(0.5, edgeRadius)
      let weight = min(max((1 + softness - distance) / (2 * softness), 0), 1)
      let grain = 1 + texture.0 * sin(texture.1 * dx) * cos(texture.2 * dy)
      pixels[index] += weight * strength * grain * (distance < core ? -0.4 : 1)
      pixels[index] = max(0.01, pixels[index])
    }
  }

  private func brightenRim(_ pixels: inout [Float], _ strength: Float) {
    let before = pixels
    for row in 1..<edge - 1 {
      for column in 1..<edge - 1 {
        let index = row * edge + column
        let isRim = [index - 1, index + 1, index - edge, index + edge].contains { before[$0] <= 0 }
        if before[index] > 0 && isRim { pixels[index] += strength }
      }
    }
  }
}
