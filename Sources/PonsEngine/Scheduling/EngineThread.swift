internal import CPonsSystem
internal import Glibc
internal import Synchronization

/// A thread of the engine or the host. Swift's cooperative pool must not be blocked, and stages block.
package final class EngineThread: @unchecked Sendable {
  // @unchecked: the handle is written by the initializer only.
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Processor time of all such threads that have ended, in nanoseconds.
  static let spent = Atomic<Int>(0)

  private var handle = pthread_t()
  package let isStarted: Bool

  /// Starts a thread; what it cannot start is told by `isStarted`. The name has at most 15 bytes.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    // Decoders and model code in plugins may use more stack than the default of a small container.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let boxed = Unmanaged.passRetained(
      Body {
        pons_system_name_thread(name)
        body()
        Self.spent.add(ProcessorTime.thread, ordering: .relaxed)
      })
    isStarted =
      pthread_create(
        &handle, &attributes,
        { pointer in
          guard let pointer else { return nil }
          Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
          return nil
        }, boxed.toOpaque()) == 0
    pthread_attr_destroy(&attributes)
    if !isStarted { boxed.release() }
  }

  /// Waits for the end of the thread.
  package func join() { if isStarted { pthread_join(handle, nil) } }

  /// Lets the thread go on by itself.
  package func detach() { if isStarted { pthread_detach(handle) } }
}
