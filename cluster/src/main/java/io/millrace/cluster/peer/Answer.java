package io.millrace.cluster.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.metadata.Records;
import io.millrace.cluster.proto.AcceptedMessage;
import io.millrace.cluster.proto.BeatMessage;
import io.millrace.cluster.proto.ControllerResponse;
import io.millrace.cluster.proto.DecisionMessage;
import io.millrace.cluster.proto.DecisionsMessage;
import io.millrace.cluster.proto.FailedMessage;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.proto.NotControllerMessage;
import io.millrace.cluster.proto.RefusedMessage;
import io.millrace.cluster.proto.StandingMessage;
import io.millrace.cluster.quorum.Standing;
import java.util.List;
import java.util.OptionalInt;

/** What a node answers to an {@link Ask}. */
public sealed interface Answer {
    /**
     * What became of commands.
     *
     * @param decisions one for each, in order. Those that come from another node have the records
     *     that the image cannot tell only: which producer ids were taken.
     * @param endOffset who has the metadata up to it sees what they came to
     */
    record Decisions(List<Decision> decisions, long endOffset) implements Answer {}

    /** The answer to a heartbeat, without what changed for it. */
    record Heard(Beat beat) implements Answer {}

    /** How a voter stands. */
    record Stands(Standing standing) implements Answer {}

    /**
     * The node does not lead, or stopped to before it knew.
     *
     * @param leader who does, if that is known
     */
    record NotController(OptionalInt leader, int epoch) implements Answer {}

    /** It cannot be done, and asking again is of no use; or the answer is not understood. */
    record Failed(String message) implements Answer {}

    /** As bytes. */
    static ByteString encode(Answer answer) {
        var response = ControllerResponse.newBuilder();
        switch (answer) {
            case Decisions(List<Decision> decisions, long endOffset) -> {
                var message = DecisionsMessage.newBuilder().setEndOffset(endOffset);
                decisions.forEach(decision -> message.addDecisions(encode(decision)));
                response.setDecisions(message);
            }
            case Heard(Beat beat) ->
                    response.setBeat(
                            BeatMessage.newBuilder()
                                    .setKnown(beat.known())
                                    .setCaughtUp(beat.caughtUp())
                                    .setFenced(beat.fenced())
                                    .setMayStop(beat.mayStop()));
            case Stands(Standing standing) ->
                    response.setStanding(
                            StandingMessage.newBuilder()
                                    .setRemembers(standing.remembers())
                                    .setEpoch(standing.epoch())
                                    .setLeads(standing.leads())
                                    .setLogEnd(standing.logEnd()));
            case NotController(OptionalInt leader, int epoch) ->
                    response.setNotController(
                            NotControllerMessage.newBuilder()
                                    .setLeader(leader.orElse(-1))
                                    .setEpoch(epoch));
            case Failed(String message) ->
                    response.setFailed(FailedMessage.newBuilder().setMessage(message));
        }
        return response.build().toByteString();
    }

    private static DecisionMessage encode(Decision decision) {
        var message = DecisionMessage.newBuilder();
        switch (decision) {
            case Accepted(List<MetadataRecord> records) -> {
                var accepted = AcceptedMessage.newBuilder();
                for (MetadataRecord record : records) {
                    if (record.hasProducerIdsAllocated()) {
                        accepted.setNextProducerId(
                                record.getProducerIdsAllocated().getNextProducerId());
                    }
                }
                message.setAccepted(accepted);
            }
            case Refused(Reason reason, String why) ->
                    message.setRefused(
                            RefusedMessage.newBuilder().setReason(reason.name()).setMessage(why));
        }
        return message.build();
    }

    /** From bytes; what cannot be understood is {@link Failed}. */
    static Answer decode(ByteString bytes) {
        try {
            ControllerResponse response = ControllerResponse.parseFrom(bytes);
            return switch (response.getAnswerCase()) {
                case DECISIONS -> decisions(response.getDecisions());
                case BEAT -> new Heard(beat(response.getBeat()));
                case STANDING -> new Stands(standing(response.getStanding()));
                case NOT_CONTROLLER -> notController(response.getNotController());
                case FAILED -> new Failed(response.getFailed().getMessage());
                case ANSWER_NOT_SET -> new Failed("an answer of an unknown kind");
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return new Failed("an answer that cannot be decoded: " + e.getMessage());
        }
    }

    private static Answer decisions(DecisionsMessage message) {
        if (message.getDecisionsCount() > Ask.MAX_COMMANDS) {
            return new Failed(
                    "%d decisions in one answer, more than %d"
                            .formatted(message.getDecisionsCount(), Ask.MAX_COMMANDS));
        }
        return new Decisions(
                message.getDecisionsList().stream().map(Answer::decision).toList(),
                message.getEndOffset());
    }

    private static Decision decision(DecisionMessage message) {
        return switch (message.getDecisionCase()) {
            case ACCEPTED -> {
                AcceptedMessage accepted = message.getAccepted();
                yield new Accepted(
                        accepted.hasNextProducerId()
                                ? List.of(
                                        Records.producerIdsAllocated(accepted.getNextProducerId()))
                                : List.of());
            }
            case REFUSED -> {
                RefusedMessage refused = message.getRefused();
                yield new Refused(Reason.valueOf(refused.getReason()), refused.getMessage());
            }
            case DECISION_NOT_SET ->
                    throw new IllegalArgumentException("a decision of an unknown kind");
        };
    }

    private static Beat beat(BeatMessage beat) {
        return new Beat(
                beat.getKnown(), beat.getCaughtUp(), beat.getFenced(), beat.getMayStop(), null);
    }

    private static Standing standing(StandingMessage message) {
        return new Standing(
                message.getRemembers(),
                message.getEpoch(),
                message.getLeads(),
                message.getLogEnd());
    }

    private static NotController notController(NotControllerMessage message) {
        return new NotController(
                message.getLeader() < 0 ? OptionalInt.empty() : OptionalInt.of(message.getLeader()),
                message.getEpoch());
    }
}
