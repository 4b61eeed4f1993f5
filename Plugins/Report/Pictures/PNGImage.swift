internal import CPNG
internal import PonsKit

/// A picture as a PNG file, written by libpng.
package struct PNGImage: Sendable, Hashable {
  /// The bytes of the file. Equal pixels give equal bytes.
  package let file: [UInt8]

  /// A grey picture.
  ///
  /// - Parameters:
  ///   - gray: brightness of each pixel, row by row from the top.
  ///   - width: pixels of a row.
  package init(gray: [UInt8], width: Int) throws {
    try self.init(gray, width: width, format: UInt32(PNG_FORMAT_GRAY), colors: [])
  }

  /// A picture of few colours.
  ///
  /// - Parameters:
  ///   - indices: number of each pixel's colour, row by row from the top.
  ///   - width: pixels of a row.
  ///   - colors: at most 256; at least one more than the largest index.
  package init(indices: [UInt8], width: Int, colors: [Color]) throws {
    precondition(!colors.isEmpty && colors.count <= 256, "a palette has 1 to 256 colours")
    let format = UInt32(PNG_FORMAT_FLAG_COLOR) | UInt32(PNG_FORMAT_FLAG_ALPHA)
    try self.init(
      indices, width: width, format: format | UInt32(PNG_FORMAT_FLAG_COLORMAP), colors: colors)
  }

  private init(_ pixels: [UInt8], width: Int, format: UInt32, colors: [Color]) throws {
    precondition(width > 0 && !pixels.isEmpty && pixels.count.isMultiple(of: width))
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(pixels.count / width)
    image.format = format
    image.colormap_entries = UInt32(colors.count)
    let palette = colors.flatMap { [$0.red, $0.green, $0.blue, $0.alpha] }
    // Deflate never adds more than this to what it cannot compress.
    var size = png_alloc_size_t(pixels.count + pixels.count / 500 + pixels.count / width * 8 + 8192)
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let isWritten = png_image_write_to_memory(
      &image, &bytes, &size, 0, pixels, png_int_32(width), palette.isEmpty ? nil : palette)
    png_image_free(&image)
    if isWritten == 0 {
      throw StageFailure(.internal, code: "NO_PICTURE", "libpng could not write a picture")
    }
    file = Array(bytes[..<Int(size)])
  }
}

/// A colour of sRGB.
package struct Color: Sendable, Hashable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8
  /// 0 is clear, 255 opaque.
  var alpha: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8) {
    (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
  }
}
