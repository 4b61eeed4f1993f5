/// Percentiles of lists that may be reordered.
enum Percentile {
  /// The percentile with linear interpolation between the two nearest values, as numpy's default. Reorders the values, of which there
  /// is at least one and none is NaN.
  static func take(_ percent: Double, from values: inout [Double]) -> Double {
    let place = percent / 100 * Double(values.count - 1)
    let lower = min(values.count - 1, Int(place))
    let low = select(lower, from: &values)
    if lower + 1 == values.count { return low }
    // What follows the selected value is not smaller.
    let high = values[(lower + 1)...].min() ?? low
    let share = place - Double(lower)
    // numpy interpolates from the nearer end.
    return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
  }

  /// Puts the value that sorting would put at `place` there, smaller ones before and greater ones behind it (Hoare's selection).
  private static func select(_ place: Int, from values: inout [Double]) -> Double {
    values.withUnsafeMutableBufferPointer { values in
      var (low, high) = (0, values.count - 1)
      while low < high {
        let (a, b, c) = (values[low], values[low + (high - low) / 2], values[high])
        let pivot = max(min(a, b), min(max(a, b), c))
        var (left, right) = (low, high)
        while left <= right {
          while values[left] < pivot { left += 1 }
          while values[right] > pivot { right -= 1 }
          if left <= right {
            values.swapAt(left, right)
            left += 1
            right -= 1
          }
        }
        if place <= right {
          high = right
        } else if place >= left {
          low = left
        } else {
          break
        }
      }
      return values[place]
    }
  }
}
