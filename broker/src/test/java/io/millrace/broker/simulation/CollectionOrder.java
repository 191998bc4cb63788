package io.millrace.broker.simulation;

import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * The JDK's immutable sets and maps are gone through in an order that each process draws anew, and
 * Kafka's consensus goes through some. Here the order is made the same in every process, so that a
 * seed plays the same history in all of them.
 */
public final class CollectionOrder {
    private static final long SALT = 0x5EED_5EEDL;

    private CollectionOrder() {}

    /**
     * Makes it so for the rest of the process. What goes through such a collection must not have
     * been compiled before: it would keep the order that was.
     */
    public static void pin() throws ReflectiveOperationException {
        Class<?> collections = Class.forName("java.util.ImmutableCollections");
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        Object unsafe = instance.get(null);
        Field salt = collections.getDeclaredField("SALT32L");
        Field reverse = collections.getDeclaredField("REVERSE");
        Method base = type.getMethod("staticFieldBase", Field.class);
        Method offset = type.getMethod("staticFieldOffset", Field.class);
        type.getMethod("putLong", Object.class, long.class, long.class)
                .invoke(unsafe, base.invoke(unsafe, salt), offset.invoke(unsafe, salt), SALT);
        type.getMethod("putBoolean", Object.class, long.class, boolean.class)
                .invoke(
                        unsafe,
                        base.invoke(unsafe, reverse),
                        offset.invoke(unsafe, reverse),
                        false);
    }
}
