package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply;
import io.millrace.broker.group.shard.GroupShard;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks for several groups at once, each on its own shard, and gathers the answers in order.
 *
 * @param <D> a described group
 */
final class GroupDescriptions<D> {
    private final GroupCoordinator coordinator;
    private final Reader<D> reader;

    /** Describes one group on its shard's loop. */
    @FunctionalInterface
    interface Reader<D> {
        /**
         * @param shard null if it cannot be read, as the error says
         */
        D read(String group, @Nullable GroupShard<Consumer<GroupReply>> shard, GroupError error);
    }

    GroupDescriptions(GroupCoordinator coordinator, Reader<D> reader) {
        this.coordinator = coordinator;
        this.reader = reader;
    }

    /** Calls {@code then} with one answer a name, on any loop. */
    void ask(List<String> names, Consumer<List<D>> then) {
        if (names.isEmpty()) {
            then.accept(List.of());
            return;
        }
        var slots = new ArrayList<@Nullable D>(Collections.nCopies(names.size(), null));
        var open = new AtomicInteger(names.size());
        for (int i = 0; i < names.size(); i++) {
            int slot = i;
            coordinator.ask(
                    names.get(slot),
                    (shard, error) -> {
                        D described = reader.read(names.get(slot), shard, error);
                        slots.set(slot, described);
                        return () -> {
                            if (open.decrementAndGet() == 0) {
                                then.accept(
                                        slots.stream().flatMap(GroupDescriptions::known).toList());
                            }
                        };
                    });
        }
    }

    private static <D> Stream<D> known(@Nullable D described) {
        return described == null ? Stream.empty() : Stream.of(described);
    }
}
