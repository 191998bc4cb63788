package io.millrace.broker.simulation.cluster;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** An event loop whose tasks are events of the simulation. */
final class SimulatedLoop {
    private SimulatedLoop() {}

    /** Where tasks go. */
    interface Events {
        void later(long delayMs, Runnable task);
    }

    static OwnerLoop of(Events events, LongSupplier clockMs) {
        EventLoop[] loop = new EventLoop[1];
        loop[0] =
                proxy(
                        EventLoop.class,
                        (self, method, args) ->
                                switch (method.getName()) {
                                    case "iterator" -> List.of(loop[0]).iterator();
                                    case "isShutdown" -> false;
                                    case "inEventLoop" -> true;
                                    case "execute" -> {
                                        events.later(0, (Runnable) args[0]);
                                        yield null;
                                    }
                                    case "schedule" -> {
                                        var unit = (TimeUnit) args[2];
                                        yield schedule(
                                                events,
                                                unit.toMillis((Long) args[1]),
                                                (Runnable) args[0]);
                                    }
                                    default ->
                                            throw new UnsupportedOperationException(
                                                    method.toString());
                                });
        return new Loops(loop[0], clockMs::getAsLong).all().getFirst();
    }

    private static ScheduledFuture<?> schedule(Events events, long delayMs, Runnable task) {
        boolean[] cancelled = new boolean[1];
        events.later(
                delayMs,
                () -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                });
        return proxy(
                ScheduledFuture.class,
                (self, method, args) -> {
                    if (!method.getName().equals("cancel")) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    cancelled[0] = true;
                    return true;
                });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        SimulatedLoop.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
