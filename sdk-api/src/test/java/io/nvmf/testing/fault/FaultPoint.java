package io.nvmf.testing.fault;

/** Where on its way a message is when a {@link FaultPlan} is asked. */
public enum FaultPoint {
    /** The host hands over a command that is no bytes yet. */
    COMMAND_SUBMITTED,
    /** The command is bytes; the host takes it for sent. */
    COMMAND_LEFT,
    /** The controller's side has the command, the target has not. */
    COMMAND_ARRIVED,
    /** The target has been told of the command, in this turn of its event loop. */
    COMMAND_TAKEN,
    /** The target asks for data of the command. */
    DATA_ASKED,
    /** Data that the target has asked for is there, and the target has not been told. */
    DATA_ARRIVED,
    /** The target sends data. */
    DATA_SENT,
    /** The target has carried the command out and hands over the response. */
    RESPONSE_SUBMITTED,
    /** The host's side has the response, the host has not. */
    RESPONSE_ARRIVED,
    /** The host has been told of the response, in this turn of its event loop. */
    RESPONSE_TAKEN
}
