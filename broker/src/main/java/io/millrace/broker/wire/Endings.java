package io.millrace.broker.wire;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is to be done when a connection ends. Belongs to the connection's event loop. */
public final class Endings {
    private final Map<Object, Runnable> actions = new LinkedHashMap<>();

    /**
     * Has an action run when the connection ends, after its requests were abandoned; one for each
     * who asks. Never run if it has ended already.
     */
    public void put(Object who, Runnable action) {
        actions.put(who, action);
    }

    /** The connection has ended. */
    public void run() {
        List<Runnable> all = List.copyOf(actions.values());
        actions.clear();
        all.forEach(Runnable::run);
    }
}
