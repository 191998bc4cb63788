package io.millrace.broker.handler.peer;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.share.ShareDescription;
import io.millrace.broker.group.share.ShareMember;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;

/** Knows which share groups there are, and who their members are. Thread-safe. */
public final class ShareMembership {
    private final GroupCoordinator groups;

    public ShareMembership(GroupCoordinator groups) {
        this.groups = groups;
    }

    /**
     * How a group stands.
     *
     * @param error NONE if there is such a group; else GROUP_ID_NOT_FOUND, or why it is not known
     * @param members the ids of its members
     */
    public record Standing(Errors error, List<String> members) {
        /** Why what is only done to a group without members cannot be; NONE if it can. */
        public Errors problemIfNotEmpty() {
            return error == Errors.NONE && !members.isEmpty() ? Errors.NON_EMPTY_GROUP : error;
        }
    }

    /**
     * Asks about a group.
     *
     * @param then told once, from any thread
     */
    public void ask(String group, Consumer<Standing> then) {
        groups.ask(
                group,
                (shard, error) -> {
                    if (shard == null) {
                        return () -> then.accept(new Standing(wire(error), List.of()));
                    }
                    ShareDescription found = shard.describeShare(group);
                    Standing standing =
                            found == null
                                    ? new Standing(Errors.GROUP_ID_NOT_FOUND, List.of())
                                    : new Standing(
                                            Errors.NONE,
                                            found.members().stream().map(ShareMember::id).toList());
                    return () -> then.accept(standing);
                });
    }

    /**
     * Makes a group without members, if there is none of that name.
     *
     * @param then told once that it is committed, or why not; from any thread
     */
    public void begin(String group, Consumer<Errors> then) {
        groups.handle(
                new GroupRequest.BeginShare(group), reply -> then.accept(wire(reply.error())));
    }

    private static Errors wire(GroupError error) {
        return switch (error) {
            case NONE -> Errors.NONE;
            case GROUP_ID_NOT_FOUND -> Errors.GROUP_ID_NOT_FOUND;
            case INVALID_GROUP_ID -> Errors.INVALID_GROUP_ID;
            case GROUP_MAX_SIZE_REACHED -> Errors.GROUP_MAX_SIZE_REACHED;
            case NOT_COORDINATOR -> Errors.NOT_COORDINATOR;
            default -> Errors.COORDINATOR_NOT_AVAILABLE;
        };
    }
}
