import DICOM
import Testing

@Suite struct DecimalStringTests {
  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-12.5, "-12.5"), (1e-5, "1e-05"),
    (1.0 / 3, "0.33333333333333"),
    (-1.0 / 3, "-0.3333333333333"), (123456789.123456789, "123456789.123457"),
    (-1.23456789012345e-100, "-1.23456789e-100"),
  ])
  func `the shortest text that says it in 16 characters`(number: Double, text: String) {
    #expect(DecimalString(number).text == text)
  }

  @Test func `any number fits, is near, and is rounded to the side that is asked for`() {
    var state: UInt64 = 7
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let exponent = Int(state >> 40) % 500 - 250
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = Double(Int64(bitPattern: state)) / 0x1p63
      let number = Double(sign: .plus, exponent: exponent, significand: mantissa)
      let near = DecimalString(number)
      #expect(near.text.utf8.count <= 16)
      // "-1.23456789e-100" has 9 digits.
      #expect(abs(near.value - number) <= abs(number) * 0.51e-8, "\(number) became \(near.text)")
      let down = DecimalString(number, .down)
      let up = DecimalString(number, .up)
      #expect(down.text.utf8.count <= 16 && up.text.utf8.count <= 16)
      #expect(down.value <= number && number <= up.value)
      #expect(up.value - down.value <= abs(number) * 3e-8)
    }
  }
}
