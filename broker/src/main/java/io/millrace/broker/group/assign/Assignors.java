package io.millrace.broker.group.assign;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The assignors that a consumer group can ask for. Stateless. */
public final class Assignors {
    /** The first is what a group gets that asks for none. */
    private static final List<Assignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());

    private Assignors() {}

    /** The assignor of that name; null if there is none. */
    public static @Nullable Assignor named(String name) {
        for (Assignor assignor : ALL) {
            if (assignor.name().equals(name)) {
                return assignor;
            }
        }
        return null;
    }

    public static Assignor byDefault() {
        return ALL.getFirst();
    }

    public static List<String> names() {
        return ALL.stream().map(Assignor::name).toList();
    }
}
