package io.millrace.broker.handler.peer;

import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.proto.MemberCall;
import io.millrace.broker.proto.PeerCall;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.protocol.Errors;

/**
 * Asks the coordinator of a share group, here or on the broker that leads it, who its members are.
 * Thread-safe; never blocks.
 */
public final class MemberRouter {
    private final ToIntFunction<String> shards;
    private final ShareMembership here;
    private final PeerCalls calls;

    /**
     * @param shards the partition that keeps a group; -1 if there is none yet
     * @param here the groups that this broker coordinates
     */
    public MemberRouter(ToIntFunction<String> shards, ShareMembership here, LeaderPeers leaders) {
        this.shards = shards;
        this.here = here;
        this.calls = new PeerCalls(leaders);
    }

    /**
     * Whether somebody is a member of a group.
     *
     * @param then told once, on any thread: NONE if so; UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, or
     *     why it is not known
     */
    public void check(String group, String member, Consumer<Errors> then) {
        int shard = shards.applyAsInt(group);
        if (shard < 0 || !calls.leaders().isElsewhere(Topics.OFFSETS, shard)) {
            checkHere(here, group, member, then);
            return;
        }
        calls.ask(
                calls.leaders().leaderOf(Topics.OFFSETS, shard),
                PeerCall.newBuilder()
                        .setMember(MemberCall.newBuilder().setGroup(group).setMember(member))
                        .build(),
                Answers::member,
                then);
    }

    static void checkHere(
            ShareMembership here, String group, String member, Consumer<Errors> then) {
        here.ask(
                group,
                standing -> {
                    boolean isStranger =
                            standing.error() == Errors.NONE && !standing.members().contains(member);
                    then.accept(isStranger ? Errors.UNKNOWN_MEMBER_ID : standing.error());
                });
    }
}
